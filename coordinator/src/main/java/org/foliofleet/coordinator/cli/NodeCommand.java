package org.foliofleet.coordinator.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.foliofleet.coordinator.embedded.Fleet;
import org.foliofleet.protocol.BadInput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code foliofleet node}: a JVM that runs machines. */
@Command(name = "node", description = "Runs machines of a cluster's experiments in this JVM, until it is ended. Ctrl-C hands its machines over to the"
        + " other nodes. Start as many as there are machines to run them on.")
final class NodeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private MembershipOptions options;

    @Mixin
    private MetricsOptions metrics;

    @Option(names = "--with-parent", hidden = true, description = "End when the process ends that started this one.")
    private boolean withParent;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        Fleet.Membership membership = options.membership();
        if (membership.begins()) {
            throw new BadInput("a node joins a cluster; name a member with --join HOST:PORT, such as its coordinator, or find pods with --bootstrap kubernetes");
        }
        metrics.check();
        return Member.stay(spec.commandLine().getErr(), withParent, obituary -> Fleet.node(membership, obituary), fleet -> {
            out.println("node " + fleet.address() + " joins " + (membership.seeds().isEmpty() ? "the pods it finds" : String.join(", ", membership.seeds())));
            out.flush();
            return metrics.serve(fleet, out);
        });
    }
}
