package org.foliofleet.node.mm.flow;

import org.foliofleet.protocol.message.Command;

/** Leaves a handler whose answer has not come; not an error, carries no stack trace, never seen outside this package. */
final class Suspension extends RuntimeException {
    private static final long serialVersionUID = 1;
    static final Suspension WAITING = new Suspension(null);

    /** The command with which the flight goes on from the start, its log emptied; null to wait. */
    final transient Command<?> continuation;

    Suspension(Command<?> continuation) {
        super(null, null, false, false);
        this.continuation = continuation;
    }
}
