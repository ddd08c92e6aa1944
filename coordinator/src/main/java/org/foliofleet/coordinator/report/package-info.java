/** Results for people and programs: text, JSON, quantities as people read them. Knows {@code protocol} only. */
package org.foliofleet.coordinator.report;
