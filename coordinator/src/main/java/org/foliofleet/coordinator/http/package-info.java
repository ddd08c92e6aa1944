/**
 * Experiments over HTTP: {@code HttpApi} serves what {@code experiment.Experiments} can do, {@code RemoteExperiments} is the same on
 * the other side. Bodies are JSON, failures problem details (RFC 9457). Knows no command line and no node.
 */
package org.foliofleet.coordinator.http;
