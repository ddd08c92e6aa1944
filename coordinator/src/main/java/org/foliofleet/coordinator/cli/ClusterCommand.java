package org.foliofleet.coordinator.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.foliofleet.coordinator.embedded.LocalDatabase;
import org.foliofleet.coordinator.http.HttpApi;
import org.foliofleet.protocol.BadInput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code foliofleet cluster}: a whole cluster on this machine, for trying. */
@Command(name = "cluster", description = "Starts a cluster on this machine, for trying: PostgreSQL, a coordinator and some nodes, each in a process of its"
        + " own on loopback. Ctrl-C ends all of it; started again with the same directory, experiments go on.")
final class ClusterCommand implements Callable<Integer> {
    private static final Pattern READY = Pattern.compile("coordinator (\\S+) serves (\\S+);.*");
    private static final long LEAVE_SECONDS = 20;

    @Spec
    private CommandSpec spec;

    @Option(names = "--nodes", paramLabel = "N", description = "How many JVMs run machines (default: ${DEFAULT-VALUE}).", defaultValue = "2")
    private int nodes;

    @Option(names = "--data", paramLabel = "DIR", description = "Where the database is kept (default: ${DEFAULT-VALUE}).", defaultValue = "foliofleet-cluster")
    private Path data;

    @Option(names = "--http", paramLabel = "PORT", description = "Where the coordinator's HTTP API listens on loopback; 0: any port that is free (default:"
            + " ${DEFAULT-VALUE}).", defaultValue = "" + HttpApi.PORT)
    private int http;

    @Option(names = "--metrics", paramLabel = "PORT", description = "Where Prometheus may scrape the coordinator on loopback, path /metrics; the nodes are"
            + " on the ports after it; 0: nowhere (default: ${DEFAULT-VALUE}).", defaultValue = "0")
    private int metrics;

    @Option(names = "--heap", paramLabel = "SIZE", description = "Heap of each node, such as 2g (default: what Java takes).")
    private String heap;

    @Override
    public Integer call() {
        if (nodes < 1 || nodes > 64) {
            throw new BadInput("--nodes " + nodes + ": write 1 to 64");
        }
        if (heap != null && !heap.matches("[1-9][0-9]{0,6}[kmgKMG]")) {
            throw new BadInput("--heap " + heap + ": write a size such as 512m or 2g");
        }
        HttpApi.requireFree("--http", "127.0.0.1", http);
        for (int i = 0; metrics != 0 && i <= nodes; i++) {
            HttpApi.requireFree("--metrics", "127.0.0.1", metrics + i);
        }
        try (Interruption interruption = new Interruption(); LocalDatabase database = LocalDatabase.in(data.resolve("postgresql"))) {
            List<ChildProcess> children = new ArrayList<>();
            try {
                return run(database, children, interruption.wanted());
            } finally {
                children.forEach(ChildProcess::ask);
                children.forEach(child -> child.end(LEAVE_SECONDS));
            }
        }
    }

    /** The command of a member, which is scraped if that is wanted. */
    private String[] withMetrics(int member, String... command) {
        List<String> all = new ArrayList<>(List.of(command));
        if (metrics != 0) {
            all.addAll(List.of("--metrics", "127.0.0.1:" + (metrics + member)));
        }
        return all.toArray(String[]::new);
    }

    private int run(LocalDatabase database, List<ChildProcess> children, CompletableFuture<Void> wanted) {
        PrintWriter out = spec.commandLine().getOut();
        out.println("database " + database + " in " + data);
        out.flush();
        ChildProcess coordinator = ChildProcess.start("coordinator", List.of("-Xmx512m"), database.environment(), out, READY,
                withMetrics(0, "coordinator", "--http", "127.0.0.1:" + http));
        children.add(coordinator);
        Matcher ready = READY.matcher(coordinator.awaitedLine());
        if (!ready.matches()) {
            spec.commandLine().getErr().println("foliofleet: the coordinator could not be started; its words above say why");
            return ExitStatus.BAD_INPUT;
        }
        for (int i = 1; i <= nodes && !wanted.isDone(); i++) {
            ChildProcess node = ChildProcess.start("node " + i, heap == null ? List.of() : List.of("-Xmx" + heap), database.environment(), out, null,
                    withMetrics(i, "node", "--join", ready.group(1)));
            children.add(node);
            node.ended().thenAccept(process -> {
                if (!wanted.isDone()) {
                    synchronized (out) {
                        out.println(node.name() + " has ended with status " + process.exitValue() + "; its machines go on on the others");
                        out.flush();
                    }
                }
            });
        }
        String option = ready.group(2).endsWith(":" + HttpApi.PORT) ? "" : " --coordinator " + ready.group(2);
        synchronized (out) {
            out.println();
            out.println("Live page: " + ready.group(2) + "/");
            out.println("The cluster is at " + ready.group(2) + "/api/v1. In another terminal:");
            out.println("  foliofleet submit fork-cow-storm --watch" + option);
            out.println("  foliofleet list" + option);
            out.println("  kill -9 " + children.get(children.size() - 1).pid() + "    (" + children.get(children.size() - 1).name()
                    + ": its machines go on on the others)");
            out.println("  " + database.settings() + " foliofleet node --join " + ready.group(1) + "    (one more node)");
            out.println("Ctrl-C ends all of it.");
            out.println();
            out.flush();
        }
        CompletableFuture.anyOf(wanted, coordinator.ended()).join();
        if (!wanted.isDone()) {
            spec.commandLine().getErr().println("foliofleet: the coordinator has ended; its words above say why");
            return ExitStatus.FAILED;
        }
        return ExitStatus.INTERRUPTED;
    }
}
