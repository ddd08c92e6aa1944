package org.foliofleet.node.mm.tick;

/** Where messages go to: an owner, or who stands for it. */
public abstract class Station {
    private final long key;
    /** Messages for the coming turn; null while there are none. */
    Mailbox mailbox;

    protected Station(long key) {
        this.key = key;
    }

    /** The owner's key, which orders all owners of a machine. */
    public final long key() {
        return key;
    }
}
