package org.foliofleet.node.trace;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import org.foliofleet.protocol.BadInput;

/** Reads a trace file of either kind as a stream of {@link TraceEvent}s. */
public final class TraceInput {
    /** Lines that may stand before the first that is known. */
    private static final int SEARCHED = 1000;

    /** A kind of trace. */
    interface Reader {
        /** Takes one line. */
        void line(String line);

        /** No line follows. */
        void end();
    }

    private TraceInput() {}

    /**
     * Reads a whole file.
     *
     * @param progress told now and then how much was read, 0 to 1
     * @throws BadInput if the file is no trace or is damaged
     */
    public static void read(Path file, Consumer<TraceEvent> events, NotReplayed notReplayed, DoubleConsumer progress) {
        try (TraceLines lines = new TraceLines(file)) {
            List<String> before = new ArrayList<>();
            Reader reader = null;
            for (String line = lines.next(); line != null; line = lines.next()) {
                if (reader == null) {
                    reader = kind(line, lines, event -> {
                        String impossible = CallCheck.impossible(event);
                        if (impossible != null) {
                            throw lines.wrong(event.stamp().line(), impossible, "record the program again");
                        }
                        events.accept(event);
                    }, notReplayed);
                    if (reader == null) {
                        before.add(line);
                        if (before.size() > SEARCHED) {
                            throw noTrace(lines, "none of the first " + SEARCHED + " lines is an event");
                        }
                        continue;
                    }
                    for (String unknown : before) {
                        countUnknown(unknown, notReplayed);
                    }
                }
                reader.line(line);
                if ((lines.number() & 0xfff) == 0) {
                    progress.accept(lines.progress());
                }
            }
            if (reader == null) {
                throw noTrace(lines, lines.number() == 0 ? "the file is empty" : "no line is an event");
            }
            reader.end();
            progress.accept(1);
        }
    }

    private static Reader kind(String line, TraceLines lines, Consumer<TraceEvent> events, NotReplayed notReplayed) {
        if (PerfLine.parse(line) != null) {
            return new PerfScriptReader(lines, events, notReplayed);
        }
        if (StraceReader.recognizes(line)) {
            return new StraceReader(lines, events, notReplayed);
        }
        return null;
    }

    /** Counts a line of no known shape by how it begins; comments and blank lines are no loss. */
    static void countUnknown(String line, NotReplayed notReplayed) {
        String text = line.strip();
        if (!text.isEmpty() && !text.startsWith("#")) {
            int end = 0;
            while (end < text.length() && end < 30 && !Character.isDigit(text.charAt(end))) {
                end++;
            }
            notReplayed.count("unknown line: " + text.substring(0, end).strip() + "…");
        }
    }

    private static BadInput noTrace(TraceLines lines, String why) {
        return lines.wrong("this is no trace: " + why,
                "give what perf script printed (fields comm,pid,tid,time,event,trace) or a log of strace -f -ttt");
    }
}
