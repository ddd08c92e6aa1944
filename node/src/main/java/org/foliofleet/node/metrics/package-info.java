/**
 * What Prometheus scrapes of a JVM: simulated memory by experiment, machine class and NUMA node, the engine, the JVM. The
 * number of series grows with classes and nodes, never with machines or simulated processes.
 */
package org.foliofleet.node.metrics;
