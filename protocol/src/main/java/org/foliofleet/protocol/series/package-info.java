/** How a machine was at moments of its simulated time: what curves are drawn from, equal under every hosting. */
package org.foliofleet.protocol.series;
