/**
 * The programs of an experiment as part of the machine that they run on: where each process is in its program, what it
 * waits for, what came of its calls. All of it is state that events change, so that a machine can be stopped in the middle
 * of an experiment and go on elsewhere. Draws depend on seed, purpose and process only.
 */
package org.foliofleet.node.mm.workload;
