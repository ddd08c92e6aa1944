/** Coordinator and nodes in one JVM: the only way from here to the model. */
package org.foliofleet.coordinator.embedded;
