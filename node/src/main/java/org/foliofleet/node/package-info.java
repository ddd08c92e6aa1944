/** The simulated machines of one JVM: the memory model, and what runs programs and recordings on it. */
package org.foliofleet.node;
