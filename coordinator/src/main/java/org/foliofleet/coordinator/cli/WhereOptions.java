package org.foliofleet.coordinator.cli;

import java.nio.file.Path;
import org.foliofleet.coordinator.embedded.Fleet;
import org.foliofleet.coordinator.experiment.Experiments;
import org.foliofleet.coordinator.http.HttpApi;
import org.foliofleet.coordinator.http.RemoteExperiments;
import org.foliofleet.protocol.BadInput;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where the experiments are that a command is about: at a coordinator, or in a directory of this machine. */
final class WhereOptions {
    private static final String ENVIRONMENT = "FOLIOFLEET_COORDINATOR";

    @Option(names = "--coordinator", paramLabel = "URL", description = "The coordinator to ask (default: " + ENVIRONMENT
            + ", or http://127.0.0.1:" + HttpApi.PORT + ").")
    private String coordinator;

    @Mixin
    private TokenOption token;

    @Option(names = "--data", paramLabel = "DIR", description = "Not a coordinator, but the directory in which foliofleet run keeps its experiments.")
    private Path data;

    /** Experiments, and what they need while they are used. */
    record Place(Experiments experiments, Runnable resource, Path data, String coordinator) implements AutoCloseable {
        /** How a person says where this is, behind a command. */
        String option() {
            return data != null ? " --data " + data : coordinator == null ? "" : " --coordinator " + coordinator;
        }

        @Override
        public void close() {
            resource.run();
        }
    }

    /** @throws BadInput if it is said twice, or cannot be used */
    Place open() {
        if (data() != null) {
            Fleet fleet = Fleet.existing(data);
            return new Place(fleet.experiments(), fleet::close, data, null);
        }
        return at(coordinator, token);
    }

    /** The directory, or null: a coordinator. */
    Path data() {
        if (coordinator != null && data != null) {
            throw new BadInput("experiments are at a coordinator or in a directory; leave out --coordinator or --data");
        }
        return data;
    }

    /** @param coordinator or null: as the environment says, or on this machine */
    static Place at(String coordinator, TokenOption token) {
        String named = System.getenv(ENVIRONMENT);
        String url = coordinator != null ? coordinator : named != null && !named.isBlank() ? named.strip() : "http://127.0.0.1:" + HttpApi.PORT;
        return new Place(new RemoteExperiments(url, token.read()), () -> { }, null, coordinator);
    }
}
