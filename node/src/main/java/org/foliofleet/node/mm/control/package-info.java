/** The kernel as its administrators see it: settings, shrinkers and daemons that somebody sets off through {@code /proc} and {@code /sys}. */
package org.foliofleet.node.mm.control;
