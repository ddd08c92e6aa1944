package org.foliofleet.coordinator.experiment;

import java.time.Duration;

/**
 * How an experiment looks after its machines.
 *
 * @param beat     time between two looks
 * @param atOnce   most machines that are ordered and not heard of
 * @param patience until a machine that is silent is ordered again
 * @param answer   how long whoever gives commands waits for an answer
 * @param wake     whether experiments that are not over go on by themselves when a coordinator starts
 */
public record ExperimentSettings(Duration beat, int atOnce, Duration patience, Duration answer, boolean wake) {
    public static final ExperimentSettings CLUSTER = new ExperimentSettings(Duration.ofSeconds(1), 256, Duration.ofSeconds(20),
            Duration.ofSeconds(20), true);

    /**
     * One JVM for one experiment: others that are in its database stay as they are. Nobody else could answer, and this JVM may
     * stand still for long while a heap of millions of actors is collected.
     */
    public static final ExperimentSettings EMBEDDED = new ExperimentSettings(Duration.ofMillis(250), 256, Duration.ofSeconds(20),
            Duration.ofMinutes(10), false);
}
