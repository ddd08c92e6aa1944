package org.foliofleet.coordinator.cli;

import java.util.Locale;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.experiment.Execution;
import org.foliofleet.protocol.experiment.Execution.Hosting;
import picocli.CommandLine.Option;

/** How an experiment is run, where that is to be otherwise than its file says. No result depends on it. */
final class ExecutionOptions {
    @Option(names = "--hosting", paramLabel = "owner|machine", description = "What becomes an actor: every process, VMA, NUMA node and so on, or the"
            + " whole machine.")
    private String hosting;

    @Option(names = "--spread", paramLabel = "N", description = "Spread every machine over so many lanes, each of which may be in another JVM; 1: colocated.")
    private Integer spread;

    @Option(names = "--commit-every", paramLabel = "MILLISECONDS", description = "Time between two commits of a machine; 0: at every epoch.")
    private Long commitMillis;

    @Option(names = "--branch-points", paramLabel = "EPOCHS", description = "Keep every so many epochs, to branch from them.")
    private Long branchEvery;

    /** Whether anything is to be otherwise. */
    boolean any() {
        return hosting != null || spread != null || commitMillis != null || branchEvery != null;
    }

    /** @throws BadInput if no machine can be run so */
    Execution over(Execution usual) {
        Execution chosen = usual;
        if (hosting != null) {
            if (!hosting.equals("owner") && !hosting.equals("machine")) {
                throw new BadInput("--hosting " + hosting + ": there is no such hosting; write owner or machine");
            }
            chosen = chosen.withHosting(Hosting.valueOf(hosting.toUpperCase(Locale.ROOT)));
        }
        if (spread != null) {
            if (spread < 1 || spread > 64) {
                throw new BadInput("--spread " + spread + ": a machine has 1 to 64 lanes; write such a number");
            }
            chosen = chosen.withLanes(spread);
        }
        if (commitMillis != null || branchEvery != null) {
            if (commitMillis != null && commitMillis < 0 || branchEvery != null && branchEvery < 0) {
                throw new BadInput("--commit-every and --branch-points are not negative; write 0 or more");
            }
            chosen = new Execution(chosen.hosting(), chosen.lanes(), chosen.epochTicks(), commitMillis == null ? chosen.commitMillis() : commitMillis,
                    branchEvery == null ? chosen.branchEvery() : branchEvery, chosen.history());
        }
        if (chosen.lanes() > 1 && chosen.hosting() == Hosting.MACHINE) {
            throw new BadInput("a machine that is one actor can not be spread; leave out --spread, or choose --hosting owner");
        }
        return chosen;
    }
}
