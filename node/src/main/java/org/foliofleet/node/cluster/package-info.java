/**
 * Machines in a cluster of JVMs: the actor system that joins it, and the sharded entity that stands for a machine, which it
 * runs and of which it tells the experiment. Whatever happens to a JVM, the machines that it ran go on elsewhere from their
 * last commits.
 */
package org.foliofleet.node.cluster;
