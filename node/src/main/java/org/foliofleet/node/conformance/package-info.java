/**
 * Replays recorded kernel scenarios on a model and compares everything recorded.
 *
 * <p>A {@link org.foliofleet.node.conformance.Recording} is what a kernel did; a
 * {@link org.foliofleet.node.conformance.ModelUnderTest} is what shall do the same. The package knows the model through
 * that interface only: no actors, and nothing of the memory model's own types. From outside it is reached through
 * {@link org.foliofleet.node.conformance.Conformance}.
 */
package org.foliofleet.node.conformance;
