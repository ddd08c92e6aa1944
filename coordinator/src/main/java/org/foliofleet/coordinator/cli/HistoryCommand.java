package org.foliofleet.coordinator.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.foliofleet.coordinator.embedded.MachineStory;
import org.foliofleet.coordinator.report.Quantities;
import org.foliofleet.protocol.BadInput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code foliofleet history MACHINE}: the life of a folio or a process, from the journal. */
@Command(name = "history", description = "Shows what happened in a machine, from its journal: to one folio, in one process, or all. Experiments with"
        + " 'run: {history: full}' keep everything, others the last epochs. Reads the database itself, so that of a directory must be free.")
final class HistoryCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1", paramLabel = "EXPERIMENT/CLASS/NUMBER", description = "The machine, such as pin-half-unmap-1/host/0.")
    private String machine;

    @Option(names = "--folio", paramLabel = "[NODE:]FRAME", description = "Only what names this page frame: what was done with the folios that it was part of.")
    private String folio;

    @Option(names = "--process", paramLabel = "N", description = "Only what happened in the process of this number and in its VMAs.")
    private Integer process;

    @Option(names = "--from", paramLabel = "TICK", description = "Not before this tick.")
    private long from;

    @Option(names = "--to", paramLabel = "TICK", description = "Not after this tick.")
    private long to = Long.MAX_VALUE;

    @Option(names = "--data", paramLabel = "DIR", description = "The directory in which foliofleet run keeps its experiments.")
    private Path data;

    @Option(names = "--database", paramLabel = "URL", description = "The database of a cluster (default: FOLIOFLEET_DATABASE_URL).")
    private String database;

    @Override
    public Integer call() {
        if (folio != null && process != null) {
            throw new BadInput("--folio and --process are two histories; leave out one");
        }
        if (data != null && database != null) {
            throw new BadInput("a journal is in a directory or in a database; leave out --data or --database");
        }
        MachineStory story = MachineStory.of(machine, data, database);
        if (folio != null) {
            story.ofFolio(folio);
        } else if (process != null) {
            story.ofProcess(process);
        }
        PrintWriter out = spec.commandLine().getOut();
        long[] shown = new long[1];
        long skipped = story.tell(from, to, event -> {
            shown[0]++;
            out.print("tick " + event.tick() + "  " + event.owner() + "  " + event.words() + "\n");
        });
        out.flush();
        PrintWriter err = spec.commandLine().getErr();
        err.println(Quantities.grouped(shown[0]) + (shown[0] == 1 ? " event" : " events") + (skipped == 0 ? ""
                : "; " + Quantities.grouped(skipped) + " more of these epochs were not kept: run: {history: full} keeps all"));
        err.flush();
        return ExitStatus.OK;
    }
}
