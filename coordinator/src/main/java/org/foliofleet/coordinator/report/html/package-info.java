/** One self-contained HTML file about an experiment or a comparison: nothing in it asks for anything from elsewhere. */
package org.foliofleet.coordinator.report.html;
