/** Machines of experiments in this JVM, each on the thread that runs it: {@code mm.machine.Machine} under {@code workload}. */
package org.foliofleet.node.local;
