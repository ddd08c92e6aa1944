package org.foliofleet.node.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Goal: while a process and its fork share memory, the model copies the pages that the kernel copied. Method: BGSAVE of
 * redis; the lines of the recording tell, without the importer, who wrote first to each page, and so got a copy.
 */
class CopyOnWriteTraceTest {
    private static final Pattern WRITE = Pattern.compile("(\\d+)/\\d+ .*page_fault.*address=(?:0x)?([0-9a-f]+) .*error_code=(?:0x)?([0-9a-f]+)");

    /** Write faults on present pages between fork and exit of the child: by the first of the two that wrote, and later ones. */
    private static final class Recorded {
        final Map<Long, Integer> firstToWrite = new HashMap<>();
        final Map<Integer, Long> copied = new HashMap<>();
        final Map<Integer, Long> reused = new HashMap<>();

        Recorded(String trace, int parent, int child) {
            boolean forked = false;
            for (String line : Traces.lines(trace)) {
                if (line.contains("sched_process_fork") && line.contains("child_pid=" + child)) {
                    forked = true;
                } else if (line.contains("sched_process_exit") && line.contains("pid=" + child + " ")) {
                    forked = false;
                }
                Matcher fault = WRITE.matcher(line);
                if (forked && fault.find() && (Integer.parseInt(fault.group(3), 16) & 3) == 3) {
                    int pid = Integer.parseInt(fault.group(1));
                    if (pid == parent || pid == child) {
                        add(pid, Long.parseUnsignedLong(fault.group(2), 16) >>> 12);
                    }
                }
            }
        }

        private void add(int pid, long page) {
            Integer first = firstToWrite.putIfAbsent(page, pid);
            (first == null ? copied : reused).merge(pid, 1L, Long::sum);
        }
    }

    @ParameterizedTest
    @CsvSource({"redis-bgsave.perf.txt.gz, 25170, 25178, 1", "redis-bgsave-thp-always.perf.txt.gz, 25589, 25597, 20"})
    void theModelCopiesWhatBgsaveMadeTheKernelCopy(String trace, int parent, int child, int allowed) {
        Recorded recorded = new Recorded(trace, parent, child);
        TraceResult result = TraceRun.run(new TraceOptions(Traces.file(trace), "auto", 1, null), MachineTraceTarget::new, new Traces.Silent());

        for (TraceResult.ProcessResult process : result.processes()) {
            if (process.pid() == parent || process.pid() == child) {
                CopyOnWrite model = process.copyOnWrite();
                long copied = recorded.copied.get(process.pid());
                long reused = recorded.reused.get(process.pid());
                assertEquals(copied + reused, model.recorded(), "faults of " + process.pid());
                assertTrue(Math.abs(copied - model.copied()) <= allowed, () -> process.pid() + " copied " + copied + " pages, in the model " + model);
                assertTrue(Math.abs(reused - model.reused()) <= allowed, () -> process.pid() + " reused " + reused + " pages, in the model " + model);
            }
        }
    }
}
