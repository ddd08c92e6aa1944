package org.foliofleet.node.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goal: what disturbs machines in these tests really does. Method: a JVM that repeats what it hears, and a port that does so. */
class HarnessTest {
    private static final int SILENCE_MILLIS = 200;

    @TempDir
    Path directory;

    /** Repeats what it hears. */
    static final class Echo {
        private Echo() {}

        public static void main(String[] arguments) throws InterruptedException {
            Told.endWithParent(Told::tell);
            Thread.currentThread().join();
        }
    }

    private JavaProcess echo() {
        return JavaProcess.start(JavaProcess.Start.of("echo", Echo.class), directory);
    }

    @Test
    void aJvmIsFrozenThawedAndKilled() {
        try (JavaProcess jvm = echo()) {
            jvm.say("hello");
            assertEquals("hello", jvm.next());
            jvm.freeze();
            jvm.say("are you there");
            assertEquals(List.of(), jvm.takeAll());
            jvm.thaw();
            assertEquals("are you there", jvm.next());
            jvm.kill();
            assertFalse(jvm.isAlive());
            assertTrue(assertThrows(AssertionError.class, jvm::next).getMessage().startsWith("echo has ended"));
        }
    }

    @Test
    void aFrozenJvmCanBeKilled() {
        try (JavaProcess jvm = echo()) {
            jvm.say("hello");
            jvm.next();
            jvm.freeze();
        }
    }

    /** A port that repeats lines. */
    private static ServerSocket repeater() throws IOException {
        ServerSocket server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        Thread thread = new Thread(() -> {
            try {
                while (true) {
                    Socket socket = server.accept();
                    Thread each = new Thread(() -> {
                        try (socket) {
                            socket.getInputStream().transferTo(socket.getOutputStream());
                        } catch (IOException e) {
                            // Cut.
                        }
                    });
                    each.setDaemon(true);
                    each.start();
                }
            } catch (IOException e) {
                // Closed.
            }
        });
        thread.setDaemon(true);
        thread.start();
        return server;
    }

    private static String repeat(Socket socket, String line) throws IOException {
        socket.setSoTimeout(SILENCE_MILLIS * 10);
        socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8)).readLine();
    }

    @Test
    void aNetworkIsCutStalledAndHealed() throws IOException {
        InetAddress here = InetAddress.getByName("127.0.0.1");
        InetAddress there = InetAddress.getByName("127.0.0.2");
        try (ServerSocket server = repeater();
                CutableProxy proxy = new CutableProxy(here, new InetSocketAddress(here, server.getLocalPort()));
                Socket first = new Socket(here, proxy.port());
                Socket second = new Socket(here, proxy.port(), there, 0)) {
            assertEquals("a", repeat(first, "a"));
            assertEquals("b", repeat(second, "b"));
            proxy.stall();
            second.getOutputStream().write("late\n".getBytes(StandardCharsets.UTF_8));
            second.setSoTimeout(SILENCE_MILLIS);
            assertThrows(SocketTimeoutException.class, () -> second.getInputStream().read());
            proxy.heal();
            assertEquals("late", new BufferedReader(new InputStreamReader(second.getInputStream(), StandardCharsets.UTF_8)).readLine());
            proxy.cutOff(Set.of(there));
            assertEquals("c", repeat(first, "c"));
            assertThrows(IOException.class, () -> assertEquals("nothing comes through", repeat(second, "d")));
            proxy.cut();
            assertThrows(IOException.class, () -> assertEquals("nothing comes through", repeat(first, "e")));
            proxy.heal();
            try (Socket third = new Socket(here, proxy.port())) {
                assertEquals("f", repeat(third, "f"));
            }
        }
    }
}
