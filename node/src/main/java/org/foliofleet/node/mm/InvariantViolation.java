package org.foliofleet.node.mm;

/** What cannot happen has happened: a fault of the model. It stops the machine. */
public final class InvariantViolation extends RuntimeException {
    private static final long serialVersionUID = 1;

    public InvariantViolation(String message) {
        super(message);
    }
}
