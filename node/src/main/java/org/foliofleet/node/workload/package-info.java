/**
 * Runs experiments: brings processes to life, walks their programs, and collects what happened. Knows machines only
 * through {@link org.foliofleet.node.workload.SimulatedMachine}; nothing here decides what memory does.
 */
package org.foliofleet.node.workload;
