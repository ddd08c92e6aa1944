package org.foliofleet.node.mm.workload;

import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.program.ProgramPosition;

/**
 * A process while it lives: where it is in its program.
 *
 * @param number   in the order in which processes came to life, from 0
 * @param parent   number of the process that forked it, or -1
 * @param deadline tick at which it is ended, or {@link #NEVER}
 * @param id       the process of the machine; null until it has begun
 * @param children that have not exited
 */
record ProgramRun(long number, String name, long parent, long deadline, ProcessId id, ProgramPosition position, int children) {
    static final long NEVER = Long.MAX_VALUE;

    ProgramRun withId(ProcessId newId) {
        return new ProgramRun(number, name, parent, deadline, newId, position, children);
    }

    ProgramRun withDeadline(long tick) {
        return new ProgramRun(number, name, parent, tick, id, position, children);
    }

    ProgramRun withPosition(ProgramPosition newPosition) {
        return new ProgramRun(number, name, parent, deadline, id, newPosition, children);
    }

    ProgramRun withChildren(int newChildren) {
        return new ProgramRun(number, name, parent, deadline, id, position, newChildren);
    }
}
