/**
 * Machines in a cluster of JVMs: the actor system that joins it, and the sharded entity that stands for a machine, which it
 * runs and of which it tells the experiment. Whatever happens to a JVM, the machines that it ran go on elsewhere from their
 * last commits.
 *
 * <p>Of a machine with several lanes the entity {@code machine} has the first and leads; entities {@code lane} have the
 * others, in JVMs apart from each other. Nobody is remembered by the shards: who shall run is ordered by the experiment, again
 * and again. A JVM that leaves lets its machines commit; one that the others have given up ends itself, and what it might
 * still write meets the rows of those who went on.
 */
package org.foliofleet.node.cluster;
