/**
 * What people and programs meet: the command line now, the server of experiments later. Reaches module {@code node}
 * only from {@code embedded} and through the facades of {@code node.trace} and {@code node.conformance}.
 */
package org.foliofleet.coordinator;
