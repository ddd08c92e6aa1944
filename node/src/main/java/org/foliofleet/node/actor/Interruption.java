package org.foliofleet.node.actor;

/**
 * Why an incarnation of a machine could not go on.
 *
 * @param cause for a person
 */
record Interruption(Kind kind, String cause) {
    /** What helps. */
    enum Kind {
        /** Stepping back, unless it happens again and again. */
        FAULT,
        /** Waiting. */
        AWAY,
        /** Nothing: what it would go on from cannot be used. */
        DAMAGE,
        /** Nothing is to be done here: somebody else goes on with the machine, or may do so. */
        SUPERSEDED
    }
}
