package org.foliofleet.node.trace;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.foliofleet.node.trace.TraceEvent.Stamp;

/**
 * Pairs the beginnings and answers of system calls, thread by thread, and finds the births, program starts and deaths
 * of processes between them.
 *
 * <p>Where a call takes effect: one that takes memory away or changes it, where it begins, since another thread may
 * reuse the addresses before the answer is recorded; one that maps memory, where the kernel reports the new area, or
 * where it is answered; one that starts a process, where it begins, since the kernel holds the memory of the parent
 * for most of the call.
 */
final class CallAssembler {
    private static final long CLONE_VM = 0x100;
    private static final long CLONE_THREAD = 0x10000;
    /** Where {@code execve} builds the stack before it moves it to its place. */
    private static final long STACK_TOP = 0x7ffffffff000L;

    private static final class OpenCall {
        private final Stamp stamp;
        private final int number;
        private final long[] args;
        private final List<MappedImage> images = new ArrayList<>(1);
        private List<String> words = List.of();
        private EventOrder.Place place;

        OpenCall(Stamp stamp, int number, long[] args) {
            this.stamp = stamp;
            this.number = number;
            this.args = args;
        }
    }

    /** A child of which it is not known yet whether it is a thread, or whether it shares memory. */
    private record Birth(Stamp parent, EventOrder.Place place) {}

    private final NotReplayed notReplayed;
    private final EventOrder order;
    private final Map<Integer, OpenCall> open = new HashMap<>();
    private final Map<Integer, Integer> processOf = new HashMap<>();
    private final Set<Integer> born = new HashSet<>();
    private final Map<Integer, Birth> withoutProcess = new HashMap<>();
    private final Map<Integer, Birth> withoutSharing = new HashMap<>();
    private final Set<Integer> executing = new HashSet<>();
    private final Set<Integer> exited = new HashSet<>();
    private boolean knowsGroups;

    CallAssembler(Consumer<TraceEvent> events, NotReplayed notReplayed) {
        this.notReplayed = notReplayed;
        this.order = new EventOrder(events, () -> notReplayed.count("call never answered"));
    }

    /** A line of this thread was read. */
    void seen(Stamp stamp) {
        processOf.put(stamp.tid(), stamp.pid());
        Birth birth = withoutProcess.isEmpty() ? null : withoutProcess.remove(stamp.tid());
        if (birth != null) {
            decide(birth, SyscallTable.CLONE3, 0, stamp.tid(), stamp.pid());
        }
    }

    /** An event that is complete in itself. */
    void event(TraceEvent event) {
        order.add(event);
    }

    void enter(Stamp stamp, int number, long[] args) {
        enter(stamp, number, args, List.of());
    }

    void enter(Stamp stamp, int number, long[] args, List<String> words) {
        forget(stamp.tid());
        executing.remove(stamp.pid());
        if (number == SyscallTable.EXIT || number == SyscallTable.EXIT_GROUP) {
            order.add(new TraceEvent.Call(stamp, number, args, 0, List.of(), words));
            return;
        }
        OpenCall call = new OpenCall(stamp, number, args);
        call.words = words;
        if (!takesEffectLater(number)) {
            call.place = order.hold();
        }
        open.put(stamp.tid(), call);
    }

    private static boolean takesEffectLater(int number) {
        return number == SyscallTable.MMAP || number == SyscallTable.BRK || number == SyscallTable.SHMAT
                || SyscallTable.executes(number);
    }

    void exit(Stamp stamp, int number, long result) {
        OpenCall call = open.get(stamp.tid());
        boolean birth = SyscallTable.startsProcess(number);
        boolean exec = SyscallTable.executes(number);
        if (exec) {
            if (result == 0) {
                executed(stamp); // where the recording shows no other sign of it
            }
            executing.remove(stamp.pid());
        }
        if (call == null || call.number != number) {
            if (!exec && !(birth && result == 0)) {
                notReplayed.count("answer without a call: " + SyscallTable.name(number));
            }
            return;
        }
        open.remove(stamp.tid());
        TraceEvent.Call answered = new TraceEvent.Call(call.stamp, number, call.args, result, call.images, call.words);
        if (birth) {
            bornBy(call, (int) result);
            order.add(answered);
        } else if (call.place == null) {
            order.add(answered);
        } else {
            order.fill(call.place, answered);
        }
    }

    /** The parent has its answer: it did not wait for the child to execute a program. */
    private void bornBy(OpenCall call, int child) {
        if (child <= 0) {
            order.drop(call.place);
            return;
        }
        Birth waiting = withoutSharing.remove(child);
        if (waiting != null) {
            order.fill(waiting.place, new TraceEvent.Fork(waiting.parent, child, false));
        } else if (!born.contains(child)) {
            forkedBy(call, child, processOf.getOrDefault(child, -1));
        }
    }

    /**
     * A child was made.
     *
     * @param parent  the thread that made it
     * @param thread  tid of the child
     * @param process pid of the child, -1 if the line does not say
     */
    void forked(Stamp parent, int thread, int process) {
        if (born.contains(thread)) {
            return;
        }
        processOf.remove(thread);
        exited.remove(thread); // its number is used again
        OpenCall call = open.get(parent.tid());
        if (call == null || !SyscallTable.startsProcess(call.number)) {
            call = new OpenCall(parent, SyscallTable.FORK, new long[6]);
            call.place = order.hold();
        }
        forkedBy(call, thread, process);
    }

    private void forkedBy(OpenCall call, int thread, int process) {
        born.add(thread);
        Birth birth = new Birth(call.stamp, call.place);
        if (process < 0 && call.number == SyscallTable.CLONE3) {
            withoutProcess.put(thread, birth);
        } else {
            boolean sameProcess = call.number == SyscallTable.CLONE && (call.args[0] & CLONE_THREAD) != 0;
            int implied = sameProcess ? call.stamp.pid() : thread;
            decide(birth, call.number, call.args[0], thread, process >= 0 ? process : implied);
        }
    }

    private void decide(Birth birth, int number, long flags, int thread, int process) {
        if (process != thread) {
            order.fill(birth.place, new TraceEvent.ThreadStart(birth.parent, thread));
        } else if (number == SyscallTable.CLONE3) {
            // The flags are in memory that the recording does not show. A parent that is answered only after the child
            // has executed a program or exited was waiting for it, as posix_spawn() does, and shares its memory.
            withoutSharing.put(process, birth);
        } else {
            boolean shares = number == SyscallTable.VFORK || number == SyscallTable.CLONE && (flags & CLONE_VM) != 0;
            order.fill(birth.place, new TraceEvent.Fork(birth.parent, process, shares));
        }
    }

    private void waitedFor(int child) {
        Birth birth = withoutSharing.remove(child);
        if (birth != null) {
            order.fill(birth.place, new TraceEvent.Fork(birth.parent, child, true));
        }
    }

    /** The process has a new address space. Several lines may say so of one {@code execve}. */
    void executed(Stamp stamp) {
        waitedFor(stamp.pid());
        if (executing.add(stamp.pid())) {
            order.add(new TraceEvent.Exec(stamp));
        }
    }

    /** The kernel reported an area. */
    void mapped(Stamp stamp, MappedImage image) {
        OpenCall call = open.get(stamp.tid());
        if (call != null && SyscallTable.executes(call.number) && !executing.contains(stamp.pid())) {
            if (image.start() + image.length() == STACK_TOP) {
                return; // arguments being copied to where the stack is built
            }
            executed(stamp);
        }
        if (executing.contains(stamp.pid())) {
            order.add(new TraceEvent.Image(stamp, image, true));
        } else if (call != null) {
            call.images.add(image);
            if (call.place == null) {
                call.place = order.hold();
            }
        } else {
            order.add(new TraceEvent.Image(stamp, image, false));
        }
    }

    /**
     * A thread ended, and with it perhaps its process.
     *
     * @param groupDead whether it was the last thread, null if the line does not say
     */
    void threadEnded(Stamp stamp, int thread, Boolean groupDead) {
        waitedFor(thread);
        forget(thread);
        born.remove(thread);
        processOf.remove(thread);
        knowsGroups |= groupDead != null;
        boolean last = groupDead != null ? groupDead : !knowsGroups && thread == stamp.pid();
        if (last && exited.add(stamp.pid())) {
            executing.remove(stamp.pid());
            order.add(new TraceEvent.Exit(stamp));
        }
    }

    private void forget(int thread) {
        OpenCall call = open.remove(thread);
        if (call != null) {
            if (call.place != null && call.place.isOpen() && !SyscallTable.startsProcess(call.number)) {
                order.drop(call.place);
            }
            if (!SyscallTable.executes(call.number)) {
                notReplayed.count("call never answered: " + SyscallTable.name(call.number));
            }
        }
    }

    void end() {
        for (Map<Integer, Birth> births : List.of(withoutProcess, withoutSharing)) {
            for (Map.Entry<Integer, Birth> birth : new TreeMap<>(births).entrySet()) {
                order.fill(birth.getValue().place, new TraceEvent.Fork(birth.getValue().parent, birth.getKey(), false));
            }
        }
        for (Integer thread : new TreeSet<>(open.keySet())) {
            forget(thread);
        }
        order.end();
    }
}
