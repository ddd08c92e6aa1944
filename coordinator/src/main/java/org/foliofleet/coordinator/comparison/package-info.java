/**
 * Comparisons that a coordinator runs for its clients: in its own JVM, one after the other, on some of its cores, beside the experiments
 * of the cluster. They are kept in memory: what was not fetched before the coordinator ends is asked for anew.
 */
package org.foliofleet.coordinator.comparison;
