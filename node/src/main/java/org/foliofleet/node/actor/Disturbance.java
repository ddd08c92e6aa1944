package org.foliofleet.node.actor;

/**
 * Something that its hosts did to a machine: a lane of it is not heard any more, or not as it spoke. The machine cannot go
 * on as it is, and has to step back to its last commit; that it does so again does not follow.
 */
public final class Disturbance extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** @param message with the machine, its tick, and the lane that is awaited */
    public Disturbance(String message) {
        super(message);
    }
}
