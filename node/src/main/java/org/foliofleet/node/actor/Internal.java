package org.foliofleet.node.actor;

/** What actors of a machine say to those that host it. */
sealed interface Internal extends MachineMessage permits Internal.GoOn, Internal.Watch, OwnerReply, FoldedReplies, LanePacket {
    /** To itself, so that others are heard in between. */
    record GoOn() implements Internal {}

    /** Time has passed: are answers missing? */
    record Watch() implements Internal {}
}
