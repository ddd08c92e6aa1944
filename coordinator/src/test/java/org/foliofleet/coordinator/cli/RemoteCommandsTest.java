package org.foliofleet.coordinator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.foliofleet.coordinator.experiment.ListedExperiments;
import org.foliofleet.coordinator.http.HttpApi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goal: experiments of a cluster are commanded from a terminal. Method: a coordinator's HTTP API before a list in memory. */
class RemoteCommandsTest {
    private static ActorSystem<Void> system;
    private static HttpApi api;

    @BeforeAll
    static void start() {
        system = ActorSystem.create(Behaviors.empty(), "api", ConfigFactory.load());
        api = HttpApi.start(system, "127.0.0.1", 0, new ListedExperiments(), "0.0.1");
    }

    @AfterAll
    static void stop() throws Exception {
        api.close();
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private static Outcome remote(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--coordinator", api.url()));
        return Outcome.of(all.toArray(String[]::new));
    }

    private static void assertRefused(String message, Outcome outcome) {
        assertEquals(ExitStatus.BAD_INPUT, outcome.status(), outcome.out() + outcome.err());
        assertEquals("", outcome.out());
        assertEquals(1, outcome.err().lines().count(), outcome.err());
        assertTrue(outcome.err().startsWith("foliofleet: " + message), outcome.err());
    }

    @Test
    void anExperimentIsCommandedFromItsSubmissionToItsEnd() {
        String there = " --coordinator " + api.url();
        assertEquals("submitted a; foliofleet watch a" + there + " shows how far it is\n",
                remote("submit", "pin-half-unmap", "--id", "a", "--seed", "3", "--switch", "refcount_bits=16").out());
        assertTrue(remote("list").out().matches("(?s)  experiment +state +submitted +how far\n.*  a +running .*epoch 3, 4 ns simulated\n.*"),
                remote("list").out());
        String status = remote("status", "a").out();
        assertTrue(status.startsWith("  experiment  a (pin-half-unmap.yaml)\n  state       running since "), status);
        assertTrue(status.contains(", seed 3\n"), status);
        assertEquals("a is paused at epoch 3; go on with: foliofleet resume a" + there + "\n", remote("pause", "a", "--reason", "lunch").out());
        assertEquals("a is paused at epoch 3 (lunch); go on with: foliofleet resume a" + there + "\n", remote("watch", "a").out());
        assertEquals("a goes on; foliofleet watch a" + there + " shows how far it is\n", remote("resume", "a", "--hosting", "machine").out());
        assertEquals("submitted b, from epoch 20 of a; foliofleet watch b" + there + " shows how far it is\n",
                remote("branch", "a", "--epoch", "20", "--switch", "refcount_bits=64", "--id", "b").out());
        assertEquals("b is cancelled\n", remote("cancel", "b", "--reason", "enough").out());
        Outcome watched = remote("watch", "b");
        assertEquals(ExitStatus.FAILED, watched.status());
        assertEquals("experiment b was cancelled: enough\n", watched.err().replace(System.lineSeparator(), "\n"));
    }

    @Test
    void whatIsWrongIsSaidInOneLineWithTheRemedy() throws IOException {
        assertRefused("experiment nobody is not known", remote("status", "nobody"));
        assertRefused("experiment nobody is not known", remote("resume", "nobody"));
        assertRefused("coordinator http://127.0.0.1:1/ cannot be reached (", Outcome.of("list", "--coordinator", "http://127.0.0.1:1"));
        assertRefused("coordinator 'over there': this is no address", Outcome.of("list", "--coordinator", "over there"));
        assertRefused("switch refcount_bit: there is none of this name; did you mean 'refcount_bits'?",
                remote("submit", "pin-half-unmap", "--switch", "refcount_bit=16"));
        assertRefused("no-such: there is no experiment of this name", remote("submit", "no-such"));
        assertRefused("a machine that is one actor can not be spread", remote("submit", "pin-half-unmap", "--hosting", "machine", "--spread", "2"));
        assertRefused("--hosting actor: there is no such hosting", remote("submit", "pin-half-unmap", "--hosting", "actor"));
        assertRefused("Missing required option: '--epoch=N'", remote("branch", "a"));
    }

    @Test
    void whatIsServedTwiceOrNotThereIsSaidBeforeAnythingBegins(@TempDir Path directory) throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            assertRefused("http://" + address + " cannot be served: ", Outcome.of("coordinator", "--http", address,
                    "--database", "jdbc:postgresql://127.0.0.1:1/none"));
            assertRefused("http://" + address + " cannot be served: ", Outcome.of("cluster", "--http", "" + taken.getLocalPort(),
                    "--data", directory.resolve("cluster").toString()));
        }
        assertRefused("database jdbc:postgresql://127.0.0.1:1/none: cannot be reached (", Outcome.of("coordinator", "--http", "127.0.0.1:0",
                "--database", "jdbc:postgresql://127.0.0.1:1/none"));
        assertRefused("database jdbc:postgresql://127.0.0.1:1/none: cannot be reached (", Outcome.of("node", "--join", "127.0.0.1:1",
                "--database", "jdbc:postgresql://127.0.0.1:1/none"));
        assertRefused("database jdbc:h2:file:", Outcome.of("coordinator", "--http", "127.0.0.1:0", "--database", "jdbc:h2:file:" + directory.resolve("x")));
        assertRefused("a node joins a cluster; name a member with --join HOST:PORT", Outcome.of("node"));
        assertRefused("--http here: this is no address", Outcome.of("coordinator", "--http", "here"));
        assertRefused("--nodes 0: write 1 to 64", Outcome.of("cluster", "--nodes", "0"));
        assertEquals(0, directory.toFile().list().length, "nothing is left");
    }

    @Test
    void nobodyElsewhereCommandsWithoutAToken(@TempDir Path directory) throws IOException {
        assertRefused("--http 0.0.0.0:0: others than this machine could command; give a token with --token-file FILE", Outcome.of("coordinator", "--http", "0.0.0.0:0"));
        assertRefused("token file " + directory + ": can not be read", Outcome.of("coordinator", "--token-file", directory.toString()));
        assertRefused("--max-rate 0: write 1 to", Outcome.of("coordinator", "--max-rate", "0"));
        Path token = Files.writeString(directory.resolve("token"), "a-token-that-nobody-guesses");
        assertRefused("--allow-anonymous: there is a token as well", Outcome.of("coordinator", "--token-file", token.toString(), "--allow-anonymous"));
        assertEquals(ExitStatus.OK, remote("list", "--token-file", token.toString()).status());
    }
}
