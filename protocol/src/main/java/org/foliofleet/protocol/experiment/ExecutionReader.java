package org.foliofleet.protocol.experiment;

import java.util.List;
import java.util.regex.Pattern;
import org.foliofleet.protocol.experiment.Execution.Hosting;

/** Reads how an experiment is run: {@code run: {hosting: owner, placement: {spread: 3}, epoch: 10ms, commit_every: 5s}}. */
final class ExecutionReader {
    private static final int MAX_LANES = 64;
    private static final long MAX_EPOCH_TICKS = 1_000_000_000_000L;
    private static final long MAX_COMMIT_NANOS = 3_600_000_000_000L;
    private static final long NANOS_PER_MILLI = 1_000_000L;
    private static final Pattern TICKS = Pattern.compile("[0-9]{1,13} ticks?");

    private final Problems problems;
    private final Values values;
    private final long tickNanos;

    /** @param tickNanos length of a tick, at least 1 */
    ExecutionReader(Problems problems, long tickNanos) {
        this.problems = problems;
        this.values = new Values(problems);
        this.tickNanos = tickNanos;
    }

    Execution read(Yaml written) {
        Fields f = new Fields(written, "'run'", problems);
        Yaml hosting = f.optional("hosting");
        Yaml placement = f.optional("placement");
        Yaml epoch = f.optional("epoch");
        Yaml commit = f.optional("commit_every");
        Yaml branch = f.optional("branch_points");
        Yaml history = f.optional("history");
        f.finish();
        Execution usual = Execution.DEFAULT;
        Hosting host = hosting == null ? usual.hosting()
            : values.word(hosting, "'hosting'", List.of("owner", "machine")).equals("machine") ? Hosting.MACHINE : Hosting.OWNER;
        int lanes = placement == null ? usual.lanes() : lanes(placement);
        if (lanes > 1 && host == Hosting.MACHINE) {
            problems.add(placement.at(), "a machine that is one actor can not be spread",
                "write hosting: owner, or placement: colocated");
            lanes = 1;
        }
        return new Execution(host, lanes, epoch == null ? usual.epochTicks() : epoch(epoch),
            commit == null ? usual.commitMillis() : commitMillis(commit),
            branch == null ? usual.branchEvery() : values.integer(branch, "'branch_points'", 0, 1_000_000_000),
            history == null ? usual.history() : values.word(history, "'history'", List.of("recent", "full")).equals("full"));
    }

    private int lanes(Yaml written) {
        if (written instanceof Yaml.Mapping) {
            Fields f = new Fields(written, "'placement'", problems);
            Yaml lanes = f.required("spread", "write placement: {spread: 3}");
            f.finish();
            return lanes == null ? 1 : (int) values.integer(lanes, "'spread'", 1, MAX_LANES);
        }
        if (written instanceof Yaml.Scalar scalar && scalar.text().equals("spread")) {
            problems.add(written.at(), "'spread' does not say over how many lanes", "write placement: {spread: 3}");
            return 1;
        }
        values.word(written, "'placement'", List.of("colocated"));
        return 1;
    }

    /** As simulated time, rounded up to whole ticks, or as {@code 10000 ticks}. */
    private long epoch(Yaml written) {
        if (written instanceof Yaml.Scalar scalar && TICKS.matcher(scalar.text()).matches()) {
            long ticks = Long.parseLong(scalar.text().substring(0, scalar.text().indexOf(' ')));
            if (ticks >= 1 && ticks <= MAX_EPOCH_TICKS) {
                return ticks;
            }
            problems.add(written.at(), "'epoch' is " + ticks + " ticks", "write from 1 to " + MAX_EPOCH_TICKS);
            return 1;
        }
        long nanos = values.fixed(written, "'epoch'", Units.NANOS, 1);
        return Math.min(MAX_EPOCH_TICKS, nanos / tickNanos + (nanos % tickNanos == 0 ? 0 : 1));
    }

    private long commitMillis(Yaml written) {
        if (written instanceof Yaml.Scalar scalar && scalar.text().equals("epoch")) {
            return 0;
        }
        long nanos = values.fixed(written, "'commit_every'", Units.NANOS, 0);
        if (nanos > MAX_COMMIT_NANOS) {
            problems.add(written.at(), "'commit_every' is longer than an hour, which a crash would cost", "write at most 1h");
            return 0;
        }
        return nanos / NANOS_PER_MILLI + (nanos % NANOS_PER_MILLI == 0 ? 0 : 1);
    }
}
