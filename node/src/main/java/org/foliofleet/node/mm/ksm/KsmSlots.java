package org.foliofleet.node.mm.ksm;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.Ksm.Enter;
import org.foliofleet.protocol.message.Ksm.Leave;

/** The list of processes that ksmd scans: {@code __ksm_enter()}, {@code __ksm_exit()}. */
final class KsmSlots {
    private KsmSlots() {}

    static Void enter(Ksmd ksmd, Enter enter, Turn turn) {
        turn.emit(new Entered(enter.process()));
        Daemon.begin(ksmd, turn);
        return null;
    }

    static Void leave(Ksmd ksmd, Leave leave, Turn turn) {
        for (long number : ksmd.order) {
            Slot slot = ksmd.slots.get(number);
            if (slot.process() == leave.process() && !slot.exiting()) {
                boolean known = number == ksmd.cursor || hasItems(ksmd, number);
                turn.emit(known ? new Exiting(number) : new Dropped(number));
                return null;
            }
        }
        return null;
    }

    static boolean hasItems(Ksmd ksmd, long slot) {
        ItemKey first = ksmd.items.ceilingKey(new ItemKey(slot, 0));
        return first != null && first.slot() == slot;
    }

    /** A process is scanned from now on, right before the one that is scanned now. */
    private record Entered(int process) implements KsmEvent {
        @Override
        public void applyTo(Ksmd ksmd) {
            ksmd.slots.put(++ksmd.lastSlot, new Slot(process, false));
            int at = ksmd.order.indexOf(ksmd.cursor);
            ksmd.order.add(at < 0 ? ksmd.order.size() : at, ksmd.lastSlot);
        }
    }

    /** A process's memory goes; ksmd forgets it when it comes to it, next. */
    private record Exiting(long slot) implements KsmEvent {
        @Override
        public void applyTo(Ksmd ksmd) {
            ksmd.slots.put(slot, new Slot(ksmd.slots.get(slot).process(), true));
            if (slot != ksmd.cursor) {
                ksmd.order.remove(Long.valueOf(slot));
                ksmd.order.add(ksmd.order.indexOf(ksmd.cursor) + 1, slot);
            }
        }
    }

    /** Nothing is known of a process. */
    record Dropped(long slot) implements KsmEvent {
        @Override
        public void applyTo(Ksmd ksmd) {
            ksmd.slots.remove(slot);
            ksmd.order.remove(Long.valueOf(slot));
        }
    }
}
