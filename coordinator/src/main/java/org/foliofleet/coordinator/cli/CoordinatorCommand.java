package org.foliofleet.coordinator.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.foliofleet.coordinator.embedded.Fleet;
import org.foliofleet.coordinator.http.HttpApi;
import org.foliofleet.coordinator.kubernetes.ExperimentResources;
import org.foliofleet.protocol.BadInput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code foliofleet coordinator}: a JVM that has the experiments of a cluster. */
@Command(name = "coordinator", description = "Has the experiments of a cluster in this JVM, until it is ended, and serves its HTTP API. Experiments"
        + " that are not over go on by themselves. Without --join it begins a cluster, which nodes then join.")
final class CoordinatorCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private MembershipOptions options;

    @Mixin
    private HttpOptions http;

    @Option(names = "--experiments", paramLabel = "kubernetes", description = "Looks after the Experiments of this Kubernetes namespace too: submits,"
            + " pauses, resumes and cancels them, and writes how far they are.")
    private String resources;

    @Mixin
    private MetricsOptions metrics;

    @Option(names = "--with-parent", hidden = true, description = "End when the process ends that started this one.")
    private boolean withParent;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        HttpOptions.Serving serving = http.check();
        if (resources != null && !resources.equals("kubernetes")) {
            throw new BadInput("--experiments " + resources + ": the only place there is is kubernetes");
        }
        metrics.check();
        return Member.stay(spec.commandLine().getErr(), withParent, obituary -> Fleet.coordinator(options.membership(), obituary), fleet -> {
            HttpApi api = serving.start(fleet);
            out.println("coordinator " + fleet.address() + " serves " + api.url() + "; nodes: foliofleet node --join " + fleet.address());
            out.flush();
            if (resources != null) {
                ExperimentResources.lookAfter(fleet.system(), fleet.experiments());
            }
            Runnable scraped = metrics.serve(fleet, out);
            return () -> {
                scraped.run();
                api.close();
            };
        });
    }
}
