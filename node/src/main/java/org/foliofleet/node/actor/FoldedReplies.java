package org.foliofleet.node.actor;

/** The answers of a process and its VMAs to one {@link ProcessTask.Batch}, in the order in which they came. */
record FoldedReplies(OwnerReply[] replies) implements Internal {}
