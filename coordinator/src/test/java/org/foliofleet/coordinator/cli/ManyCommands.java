package org.foliofleet.coordinator.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;

/** Runs commands of a user one after the other, each a line of the input, in the directory in which this JVM was started. */
final class ManyCommands {
    /** Begins the line that says how a command has ended. */
    static final String ENDED = "@ended ";

    private ManyCommands() {}

    public static void main(String[] none) throws IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            CommandLine command = Cli.commandLine().setOut(out).setErr(out);
            int status = Cli.run(command, line.split(" +"));
            out.println(ENDED + status + " " + line);
        }
        System.exit(0);
    }
}
