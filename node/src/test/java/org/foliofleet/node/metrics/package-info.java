/** What is scraped is right. */
package org.foliofleet.node.metrics;
