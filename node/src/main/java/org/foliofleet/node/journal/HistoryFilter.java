package org.foliofleet.node.journal;

import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.id.OwnerId.AnonVmaRootId;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.id.OwnerId.VmaId;

/** Which events of a history are wanted. */
@FunctionalInterface
public interface HistoryFilter {
    boolean takes(OwnerId owner, Object event);

    /** All. */
    static HistoryFilter all() {
        return (owner, event) -> true;
    }

    /** Those of one owner. */
    static HistoryFilter of(OwnerId wanted) {
        return (owner, event) -> owner.equals(wanted);
    }

    /** Those of a process, its VMAs and the anon_vma roots that it made. */
    static HistoryFilter ofProcess(int number) {
        return (owner, event) -> owner instanceof ProcessId process && process.number() == number
                || owner instanceof VmaId vma && vma.process() == number
                || owner instanceof AnonVmaRootId root && root.process() == number;
    }

    /** Those that name the page frame, wherever they happened: what was done with the folios that it was part of. */
    static HistoryFilter ofFrame(long frame) {
        return (owner, event) -> FrameMentions.has(event, frame);
    }
}
