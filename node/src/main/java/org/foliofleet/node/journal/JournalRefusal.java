package org.foliofleet.node.journal;

/** Somebody else goes on with the machine. */
public final class JournalRefusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    public JournalRefusal(String message) {
        super(message);
    }
}
