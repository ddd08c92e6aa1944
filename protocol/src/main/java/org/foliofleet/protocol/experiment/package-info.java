/**
 * Experiments: what is simulated, with which numbers, and what must hold. {@code ExperimentSpec} is the meaning,
 * {@code SpecLoader} the way from a YAML file to it; the loader knows all mistakes at once and where each stands.
 */
package org.foliofleet.protocol.experiment;
