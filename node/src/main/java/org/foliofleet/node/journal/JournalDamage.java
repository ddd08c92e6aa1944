package org.foliofleet.node.journal;

/** The journal of a machine cannot be used: rows of it are missing, or contradict each other. */
public final class JournalDamage extends RuntimeException {
    private static final long serialVersionUID = 1;

    public JournalDamage(String message) {
        super(message);
    }
}
