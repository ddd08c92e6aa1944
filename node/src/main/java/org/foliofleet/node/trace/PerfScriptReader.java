package org.foliofleet.node.trace;

import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.foliofleet.node.trace.TraceEvent.Stamp;

/**
 * Reads {@code perf script} text with the fields comm, pid, tid, time, event and trace, and the lines that
 * {@code --show-mmap-events} and {@code --show-task-events} add.
 */
final class PerfScriptReader implements TraceInput.Reader {
    private static final List<String> KNOWN = List.of("raw_syscalls:sys_", "exceptions:page_fault_",
            "sched:sched_process_");
    private static final String REMEDY = "run perf script again, with fields comm,pid,tid,time,event,trace";

    private final TraceLines lines;
    private final NotReplayed notReplayed;
    private final CallAssembler calls;

    PerfScriptReader(TraceLines lines, Consumer<TraceEvent> events, NotReplayed notReplayed) {
        this.lines = lines;
        this.notReplayed = notReplayed;
        this.calls = new CallAssembler(events, notReplayed);
    }

    @Override
    public void line(String text) {
        PerfLine line = PerfLine.parse(text);
        if (line == null) {
            if (!lines.lastEnded()) {
                throw lines.wrong("the file ends within this line", REMEDY);
            }
            if (KNOWN.stream().anyMatch(text::contains)) {
                throw lines.wrong("an event without a readable thread and time: \"" + shorten(text.strip()) + "\"",
                        REMEDY);
            }
            TraceInput.countUnknown(text, notReplayed);
            return;
        }
        try {
            take(line);
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            String cut = lines.lastEnded() ? "" : ", and the file ends within this line";
            throw lines.wrong("cannot read this " + line.event() + " event: \"" + shorten(line.rest()) + "\"" + cut,
                    REMEDY);
        }
    }

    private void take(PerfLine line) {
        Stamp stamp = new Stamp(lines.number(), line.nanos(), line.pid(), line.tid(), line.comm());
        if (line.pid() >= 0) {
            calls.seen(stamp);
        }
        String rest = line.rest();
        switch (line.event()) {
            case "raw_syscalls:sys_enter" -> calls.enter(stamp, callNumber(rest, '('), arguments(rest));
            case "raw_syscalls:sys_exit" ->
                    calls.exit(stamp, callNumber(rest, '='), Long.parseLong(afterEquals(rest)));
            case "exceptions:page_fault_user" -> calls.event(fault(stamp, rest, false));
            case "exceptions:page_fault_kernel" -> calls.event(fault(stamp, rest, true));
            case "sched:sched_process_fork" -> calls.forked(stamp, number(rest, "child_pid="), -1);
            case "sched:sched_process_exec" -> calls.executed(stamp);
            case "sched:sched_process_exit" -> exited(stamp, rest);
            case "PERF_RECORD_FORK" -> {
                int[] ids = ids(rest);
                calls.forked(new Stamp(stamp.line(), stamp.nanos(), ids[2], ids[3], stamp.comm()), ids[1], ids[0]);
            }
            case "PERF_RECORD_EXIT" -> calls.threadEnded(stamp, ids(rest)[1], null);
            case "PERF_RECORD_COMM" -> {
                if (rest.startsWith("exec: ")) {
                    calls.executed(stamp);
                }
            }
            case "PERF_RECORD_MMAP2", "PERF_RECORD_MMAP" -> mapped(stamp, rest);
            default -> notReplayed.count("event " + line.event());
        }
    }

    private static String afterEquals(String rest) {
        return rest.substring(rest.indexOf('=') + 1).strip();
    }

    private void exited(Stamp stamp, String rest) {
        boolean said = rest.contains("group_dead=");
        calls.threadEnded(stamp, stamp.tid(), said ? Boolean.valueOf(word(rest, "group_dead=")) : null);
    }

    private int callNumber(String rest, char end) {
        if (!rest.startsWith("NR ")) {
            throw new NumberFormatException("no NR");
        }
        int number = Integer.parseInt(rest.substring(3, rest.indexOf(end)).strip());
        if (number < -1 || number > 0xffff) {
            throw new NumberFormatException("no system call number");
        }
        return number;
    }

    private static long[] arguments(String rest) {
        int close = rest.indexOf(')');
        String[] words = rest.substring(rest.indexOf('(') + 1, close).split(",", -1);
        if (words.length != 6) {
            throw new NumberFormatException("not six arguments");
        }
        long[] args = new long[6];
        for (int i = 0; i < 6; i++) {
            args[i] = Numbers.hex(words[i].strip());
        }
        return args;
    }

    private static TraceEvent.Fault fault(Stamp stamp, String rest, boolean kernel) {
        long address = Numbers.hex(word(rest, "address="));
        return new TraceEvent.Fault(stamp, address, Numbers.hex(word(rest, "error_code=")), kernel);
    }

    private static int number(String rest, String key) {
        return Integer.parseInt(word(rest, key));
    }

    private static String word(String rest, String key) {
        int at = rest.indexOf(key);
        if (at < 0) {
            throw new NumberFormatException("no " + key);
        }
        int end = rest.indexOf(' ', at);
        return rest.substring(at + key.length(), end < 0 ? rest.length() : end);
    }

    /** {@code (pid:tid):(ppid:ptid)}. */
    private static int[] ids(String rest) {
        String[] words = rest.replaceAll("[():]+", " ").strip().split(" ");
        return new int[] {Integer.parseInt(words[0]), Integer.parseInt(words[1]), Integer.parseInt(words[2]),
                Integer.parseInt(words[3])};
    }

    /**
     * {@code pid/tid: [start(length) @ offset maj:min inode generation]: prot path}, in hex where {@code 0x} says so.
     */
    private void mapped(Stamp stamp, String rest) {
        int open = rest.indexOf('[');
        int pid = Integer.parseInt(rest.substring(0, rest.indexOf('/')));
        if (pid < 0) {
            return; // the kernel's own text
        }
        int tid = Integer.parseInt(rest.substring(rest.indexOf('/') + 1, rest.indexOf(':')).strip());
        int close = rest.indexOf("]:", open);
        String inside = rest.substring(open + 1, close);
        long start = Numbers.hex(inside.substring(0, inside.indexOf('(')));
        long length = Numbers.hex(inside.substring(inside.indexOf('(') + 1, inside.indexOf(')')));
        String[] where = inside.substring(inside.indexOf('@') + 1).strip().split(" +");
        boolean hasInode = where.length >= 3 && !(where[1].equals("00:00") && where[2].equals("0"));
        String inode = hasInode ? where[1] + " " + where[2] : "";
        String tail = rest.substring(close + 2).strip();
        int blank = tail.indexOf(' ');
        String prot = tail.substring(0, blank);
        if (start < 0 || length <= 0 || start + length < 0) {
            throw new NumberFormatException("impossible area");
        }
        int bits = (prot.contains("r") ? 1 : 0) | (prot.contains("w") ? 2 : 0) | (prot.contains("x") ? 4 : 0);
        long offset = where[0].startsWith("0x") ? Numbers.hex(where[0]) : Long.parseLong(where[0]);
        boolean shared = prot.length() == 4 && prot.charAt(3) == 's';
        calls.mapped(new Stamp(stamp.line(), stamp.nanos(), pid, tid, stamp.comm()),
                new MappedImage(start, length, offset, inode, bits, shared, tail.substring(blank + 1).strip()));
    }

    private static String shorten(String text) {
        return text.length() <= 60 ? text : String.format(Locale.ROOT, "%s…", text.substring(0, 60));
    }

    @Override
    public void end() {
        calls.end();
    }
}
