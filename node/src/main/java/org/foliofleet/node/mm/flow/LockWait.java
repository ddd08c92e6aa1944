package org.foliofleet.node.mm.flow;

/** What a flight that queues for a lock is parked on. */
record LockWait(Object lock) {}
