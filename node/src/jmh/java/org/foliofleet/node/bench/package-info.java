/** Benchmarks of the model, built and run under the Maven profile {@code bench} only; nothing here is shipped. */
package org.foliofleet.node.bench;
