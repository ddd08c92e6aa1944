package org.foliofleet.node.cluster;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** What a JVM that a test has started tells it, and hears from it. */
final class Told {
    static final String EXIT = "exit";
    private static final int EXIT_ORPHANED = 9;
    private static final PrintStream OUT = new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), true, StandardCharsets.UTF_8);

    private Told() {}

    static void tell(String line) {
        OUT.print(JavaProcess.MARK + line.replace('\n', ' ') + "\n");
        OUT.flush();
    }

    /** Hands on every line that the test says, and ends in good order with {@value #EXIT}; when there is no test any more, this JVM ends at once. */
    static void endWithParent(Consumer<String> orders) {
        Thread listener = new Thread(() -> {
            try (BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (line.equals(EXIT)) {
                        System.exit(0);
                    }
                    orders.accept(line);
                }
            } catch (IOException e) {
                // The same as an end.
            }
            Runtime.getRuntime().halt(EXIT_ORPHANED);
        }, "orders");
        listener.setDaemon(true);
        listener.start();
    }
}
