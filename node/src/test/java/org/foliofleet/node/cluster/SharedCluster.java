package org.foliofleet.node.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.foliofleet.node.journal.PostgresServer;
import org.foliofleet.node.journal.TestPostgres;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A cluster of three nodes on a PostgreSQL server for several test classes, whole before every test; logs stay if a test failed. */
final class SharedCluster implements BeforeAllCallback, BeforeEachCallback, AfterTestExecutionCallback {
    private static final int NODES = 3;

    private static Shared shared;
    private static int experiments;

    /** Ends with the last of all tests. */
    private static final class Shared implements ExtensionContext.Store.CloseableResource {
        private final Path directory;
        private final PostgresServer server;
        private final TestCluster cluster;
        private boolean failed;

        Shared() {
            try {
                directory = Files.createTempDirectory("foliofleet-cluster");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            server = TestPostgres.start();
            cluster = new TestCluster(directory, server.address(), NODES);
        }

        @Override
        public void close() throws IOException {
            cluster.close();
            server.close();
            if (failed) {
                System.err.println("logs of the cluster's JVMs: " + directory);
                return;
            }
            try (Stream<Path> files = Files.walk(directory)) {
                List<Path> all = files.sorted(Comparator.reverseOrder()).toList();
                for (Path file : all) {
                    Files.delete(file);
                }
            }
        }
    }

    static TestCluster cluster() {
        return shared.cluster;
    }

    static PostgresServer server() {
        return shared.server;
    }

    /** A machine's name that nobody has used. */
    static String newMachine() {
        return "e" + experiments++ + "/host/0";
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        if (shared == null) {
            shared = new Shared();
            context.getRoot().getStore(ExtensionContext.Namespace.GLOBAL).put(SharedCluster.class, shared);
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        cluster().mend();
    }

    @Override
    public void afterTestExecution(ExtensionContext context) {
        shared.failed |= context.getExecutionException().isPresent();
    }
}
