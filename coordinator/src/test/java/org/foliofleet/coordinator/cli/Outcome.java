package org.foliofleet.coordinator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** How a command has ended that was run in this JVM, and what it said. */
record Outcome(int status, String out, String err) {
    /** Runs a command. */
    static Outcome of(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine commandLine = Cli.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return new Outcome(Cli.run(commandLine, arguments), out.toString(), err.toString());
    }

    /** Runs a command that must end well. @return what it said */
    static String ok(String... arguments) {
        Outcome outcome = of(arguments);
        assertEquals(ExitStatus.OK, outcome.status(), () -> outcome.out() + outcome.err());
        return outcome.out();
    }
}
