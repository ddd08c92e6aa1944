/**
 * Experiments that outlive any JVM. {@code ExperimentLifecycle} is the pure fold of what was decided and is in the journal;
 * {@code MachineBoard} what is known of the machines since this JVM knows the experiment, and whom to order next;
 * {@code ExperimentEntity} the actor around both; {@code ExperimentDirectory} the list of all, which wakes those that are not
 * over. {@code Experiments} is what commands and HTTP use. Knows nodes by {@code protocol.control} only.
 */
package org.foliofleet.coordinator.experiment;
