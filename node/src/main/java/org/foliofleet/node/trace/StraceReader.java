package org.foliofleet.node.trace;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.foliofleet.node.trace.TraceEvent.Stamp;

/**
 * Reads logs of {@code strace -f -ttt}: calls with decoded arguments, no page faults.
 *
 * <p>strace tells threads from processes only by the flags of the call that made them, and a child may speak before its
 * parent's call is answered; such a child is taken for that of the oldest unanswered call. A thread of which no birth
 * is recorded belongs to the first process of the log, which strace was attached to.
 */
final class StraceReader implements TraceInput.Reader {
    private static final String REMEDY = "record with strace -f -ttt -o FILE";
    private static final long CLONE_VM = 0x100;
    private static final long CLONE_THREAD = 0x10000;

    private record Unfinished(String text, boolean births) {}

    private final TraceLines lines;
    private final NotReplayed notReplayed;
    private final Consumer<TraceEvent> events;
    private final Map<Integer, Integer> processOf = new HashMap<>();
    private final Map<Integer, Unfinished> unfinished = new LinkedHashMap<>();
    private final Map<Integer, Integer> livingThreads = new HashMap<>();
    private final Set<Integer> bornEarly = new HashSet<>();
    private int first = -1;

    StraceReader(TraceLines lines, Consumer<TraceEvent> events, NotReplayed notReplayed) {
        this.lines = lines;
        this.events = events;
        this.notReplayed = notReplayed;
    }

    /** Whether a line can only be one of strace. */
    static boolean recognizes(String line) {
        Parts parts = parts(line);
        if (parts == null) {
            return false;
        }
        String name = callName(parts.text);
        return name != null && SyscallTable.number(name) >= 0 || parts.text.startsWith("+++ ")
                || parts.text.startsWith("--- ") || parts.text.startsWith("<... ");
    }

    private record Parts(int tid, long nanos, String text) {}

    /** {@code [pid N] seconds text}, {@code N seconds text} or {@code seconds text}. */
    private static Parts parts(String line) {
        String rest = line.strip();
        int tid = 1;
        if (rest.startsWith("[pid")) {
            int close = rest.indexOf(']');
            tid = close < 0 ? Integer.MIN_VALUE : Numbers.smallInt(rest.substring(4, close).strip());
            rest = close < 0 ? "" : rest.substring(close + 1).strip();
        } else {
            int blank = rest.indexOf(' ');
            if (blank > 0 && rest.substring(0, blank).chars().allMatch(Character::isDigit)) {
                tid = Numbers.smallInt(rest.substring(0, blank));
                rest = rest.substring(blank).strip();
            }
        }
        int blank = rest.indexOf(' ');
        long nanos = blank < 0 ? -1 : Numbers.nanos(rest.substring(0, blank));
        return tid <= 0 || nanos < 0 ? null : new Parts(tid, nanos, rest.substring(blank).strip());
    }

    private static String callName(String text) {
        int open = text.indexOf('(');
        if (open <= 0) {
            return null;
        }
        for (int i = 0; i < open; i++) {
            char c = text.charAt(i);
            if (!(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_')) {
                return null;
            }
        }
        return text.substring(0, open);
    }

    @Override
    public void line(String line) {
        Parts parts = parts(line);
        if (parts == null) {
            if (!lines.lastEnded()) {
                throw lines.wrong("the file ends within this line", REMEDY);
            }
            TraceInput.countUnknown(line, notReplayed);
            return;
        }
        try {
            take(parts);
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            String name = callName(parts.text);
            if (name != null && !StraceCall.relevant(SyscallTable.number(name))) {
                notReplayed.count("unreadable call: " + name); // without effect on memory, so nothing is lost
                return;
            }
            throw lines.wrong("cannot read this line: \"" + parts.text.substring(0, Math.min(60, parts.text.length()))
                    + "…\"", REMEDY);
        }
    }

    private void take(Parts parts) {
        Stamp stamp = new Stamp(lines.number(), parts.nanos, processOf(parts), parts.tid, "");
        String text = parts.text;
        if (text.startsWith("--- ")) {
            return; // a signal
        }
        if (text.startsWith("+++ ")) {
            ended(stamp, text);
        } else if (text.startsWith("<... ")) {
            Unfinished begun = unfinished.remove(parts.tid);
            int end = text.indexOf(" resumed>");
            if (end < 0) {
                throw new NumberFormatException("no resumed");
            }
            if (begun == null) {
                notReplayed.count("answer without a call: " + text.substring(5, end));
            } else {
                whole(stamp, begun.text + text.substring(end + " resumed>".length()));
            }
        } else if (text.endsWith("<unfinished ...>")) {
            String begun = text.substring(0, text.length() - "<unfinished ...>".length());
            String name = callName(begun);
            boolean births = name != null && SyscallTable.startsProcess(SyscallTable.number(name));
            unfinished.put(parts.tid, new Unfinished(begun.stripTrailing(), births));
        } else if (callName(text) != null) {
            whole(stamp, text);
        } else {
            TraceInput.countUnknown(text, notReplayed);
        }
    }

    /** The process of a thread, which may be new. */
    private int processOf(Parts parts) {
        Integer known = processOf.get(parts.tid);
        if (known != null) {
            return known;
        }
        if (first < 0) {
            first = parts.tid;
            return adopt(parts.tid, parts.tid);
        }
        for (Map.Entry<Integer, Unfinished> waiting : unfinished.entrySet()) {
            if (waiting.getValue().births) {
                int parent = waiting.getKey();
                StraceCall call = StraceCall.parse(waiting.getValue().text + ") = " + parts.tid);
                unfinished.put(parent, new Unfinished(waiting.getValue().text, false));
                bornEarly.add(parts.tid);
                born(new Stamp(lines.number(), parts.nanos, processOf.get(parent), parent, ""), call, parts.tid);
                return processOf.get(parts.tid);
            }
        }
        return adopt(parts.tid, processOf.getOrDefault(first, first));
    }

    private int adopt(int thread, int process) {
        processOf.put(thread, process);
        livingThreads.merge(process, 1, Integer::sum);
        return process;
    }

    private void born(Stamp parent, StraceCall call, int child) {
        long flags = call.cloneFlags();
        if ((flags & CLONE_THREAD) != 0) {
            adopt(child, parent.pid());
            events.accept(new TraceEvent.ThreadStart(parent, child));
        } else {
            adopt(child, child);
            events.accept(new TraceEvent.Fork(parent, child, call.number() == SyscallTable.VFORK
                    || (flags & CLONE_VM) != 0));
        }
    }

    private void ended(Stamp stamp, String text) {
        if (!text.contains("exited") && !text.contains("killed") && !text.contains("superseded")) {
            TraceInput.countUnknown(text, notReplayed);
            return;
        }
        unfinished.remove(stamp.tid());
        processOf.remove(stamp.tid());
        if (livingThreads.merge(stamp.pid(), -1, Integer::sum) <= 0) {
            livingThreads.remove(stamp.pid());
            events.accept(new TraceEvent.Exit(stamp));
        }
    }

    private void whole(Stamp stamp, String text) {
        StraceCall call = StraceCall.parse(text);
        if (call == null) {
            notReplayed.count("unknown call: " + callName(text));
            return;
        }
        boolean births = SyscallTable.startsProcess(call.number());
        if (births && call.result() > 0 && !bornEarly.remove((int) call.result())) {
            born(stamp, call, (int) call.result());
        }
        if (SyscallTable.executes(call.number()) && call.result() == 0) {
            String path = call.words().isEmpty() ? "" : call.words().get(0);
            events.accept(new TraceEvent.Exec(new Stamp(stamp.line(), stamp.nanos(), stamp.pid(), stamp.tid(),
                    path.substring(path.lastIndexOf('/') + 1))));
        }
        events.accept(new TraceEvent.Call(stamp, call.number(), call.args(), call.result(), List.of(), call.words()));
    }

    @Override
    public void end() {
        for (Unfinished call : new ArrayList<>(unfinished.values())) {
            notReplayed.count("call never answered: " + callName(call.text));
        }
    }
}
