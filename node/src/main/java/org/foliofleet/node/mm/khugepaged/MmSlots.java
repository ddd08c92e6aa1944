package org.foliofleet.node.mm.khugepaged;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.Collapse;

/** The list of processes: {@code __khugepaged_enter()}, {@code __khugepaged_exit()}. */
final class MmSlots {
    /** What a process waits for that ends while it is scanned. */
    private record ScanEnds(int process) {}

    private MmSlots() {}

    /** New processes come last; the daemon begins if it had nothing to do. */
    static Void enter(Khugepaged khugepaged, Collapse.Listed listed, Turn turn) {
        if (!khugepaged.slots.contains(listed.process())) {
            turn.emit(new Entered(listed.process()));
            Daemon.begin(khugepaged, turn);
        }
        return null;
    }

    /** Answers when nothing more will be asked of the process. */
    static Void leave(Khugepaged khugepaged, Collapse.Leave leave, Turn turn) {
        turn.run(() -> {
            if (khugepaged.slots.contains(leave.process())) {
                turn.emit(new Left(leave.process()));
            }
        });
        while (turn.step(() -> khugepaged.scanning && khugepaged.cursor == leave.process())) {
            turn.park(new ScanEnds(leave.process()));
        }
        return null;
    }

    /** The answer about a process has come. Within a step. */
    static void scanEnded(int process, Turn turn) {
        turn.wake(new ScanEnds(process));
    }

    private record Entered(int process) implements KhugepagedEvent {
        @Override
        public void applyTo(Khugepaged khugepaged) {
            khugepaged.slots.add(process);
        }
    }

    /** The process is not scanned any more; if it is the one under the cursor, the next one is, after a scan that is under way. */
    private record Left(int process) implements KhugepagedEvent {
        @Override
        public void applyTo(Khugepaged khugepaged) {
            if (khugepaged.cursor == process && khugepaged.scanning) {
                khugepaged.leaving = true;
                return;
            }
            int at = khugepaged.slots.indexOf(process);
            khugepaged.slots.remove(at);
            if (khugepaged.cursor == process) {
                khugepaged.cursor = at < khugepaged.slots.size() ? khugepaged.slots.get(at) : 0;
                khugepaged.address = 0;
            }
        }
    }
}
