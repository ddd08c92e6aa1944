/**
 * The command {@code foliofleet}: one class per sub-command, one that registers them ({@code Cli}), one that turns
 * failures into a message and an exit status ({@code Failures}). Knows no page and no folio.
 */
package org.foliofleet.coordinator.cli;
