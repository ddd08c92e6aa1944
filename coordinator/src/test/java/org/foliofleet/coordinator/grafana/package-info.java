/** Dashboards, rules and alerts of {@code grafana/} against a real Prometheus that scraped a real run. */
package org.foliofleet.coordinator.grafana;
