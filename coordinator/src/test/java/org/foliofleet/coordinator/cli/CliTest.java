package org.foliofleet.coordinator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.foliofleet.protocol.BadInput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Goal: one way to ask for help and one way to fail, for every command. Method: runs the command in this JVM. */
class CliTest {
    private record Outcome(int status, String out, String err) {}

    /** A sub-command that fails in the way it is told. */
    @Command(name = "fail", description = "Fails.")
    static final class FailCommand implements Callable<Integer> {
        private final Callable<Integer> failure;

        @Option(names = "--threshold")
        private int threshold;

        FailCommand(Callable<Integer> failure) {
            this.failure = failure;
        }

        @Override
        public Integer call() throws Exception {
            return failure.call();
        }
    }

    @Test
    void withoutArgumentsTheProgramExplainsItself() {
        Outcome outcome = run(Cli.commandLine());
        assertEquals(0, outcome.status);
        assertTrue(outcome.out.startsWith("Usage: foliofleet"), outcome.out);
    }

    @Test
    void theVersionIsThatOfTheProjectAndNoPlaceholder() {
        Outcome outcome = run(Cli.commandLine(), "--version");
        assertEquals(0, outcome.status);
        assertTrue(outcome.out.strip().matches("foliofleet \\d+\\.\\d+\\.\\d+(-SNAPSHOT)?"), outcome.out);
    }

    @Test
    void everyCommandHasHelpAndTheCommonOptions() {
        List<CommandLine> commands = allCommands(Cli.commandLine());
        assertTrue(commands.size() > 1);
        for (CommandLine command : commands) {
            String usage = command.getUsageMessage();
            for (String option : List.of("--help", "--version", "--stacktrace")) {
                assertTrue(usage.contains(option), () -> command.getCommandName() + " lacks " + option + ":\n" + usage);
            }
            assertTrue(command.getCommandSpec().usageMessage().description().length > 0, command.getCommandName());
            List<String> path = new ArrayList<>(List.of(command.getCommandSpec().qualifiedName().split(" ")));
            path.remove(0);
            path.add("--help");
            Outcome outcome = run(Cli.commandLine(), path.toArray(String[]::new));
            assertEquals(0, outcome.status, () -> String.join(" ", path));
            assertEquals("", outcome.err, () -> String.join(" ", path));
        }
    }

    @Test
    void completionKnowsEveryCommand() {
        Outcome outcome = run(Cli.commandLine(), "generate-completion");
        assertEquals(0, outcome.status);
        for (String name : Cli.commandLine().getSubcommands().keySet()) {
            assertTrue(outcome.out.contains(name), name);
        }
    }

    @Test
    void unknownCommandsAndOptionsSuggestTheNearestName() {
        assertFailsInOneLine(2, "did you mean 'generate-completion'?", run(Cli.commandLine(), "generate-completio"));
        assertFailsInOneLine(2, "did you mean '--version'?", run(Cli.commandLine(), "--versoin"));
        assertFailsInOneLine(2, "did you mean '--help'?", run(Cli.commandLine(), "generate-completion", "--hepl"));
        assertFailsInOneLine(2, "did you mean '--threshold'?", runFailing(() -> 0, "--treshold", "3"));
        assertFailsInOneLine(2, "'three' is not an int", runFailing(() -> 0, "--threshold", "three"));
    }

    @Test
    void badInputIsOneMessageWithoutTrace() {
        Outcome outcome = runFailing(() -> {
            throw new BadInput("runs/a.yaml:7: unknown key 'repaets'; did you mean 'repeats'?");
        });
        assertEquals(2, outcome.status);
        assertEquals("foliofleet: runs/a.yaml:7: unknown key 'repaets'; did you mean 'repeats'?\n", outcome.err);
        assertEquals("", outcome.out);
    }

    @Test
    void aFileThatIsNotThereIsBadInput() {
        Outcome outcome = runFailing(() -> {
            throw new UncheckedIOException(new NoSuchFileException("missing.json"));
        });
        assertFailsInOneLine(2, "missing.json: no such file", outcome);
    }

    @Test
    void otherFailuresAreInternalErrorsThatOfferTheTrace() {
        Outcome outcome = runFailing(() -> {
            throw new IllegalStateException("folio 7 has two owners\nat tick 3");
        });
        assertFailsInOneLine(3, "internal error: java.lang.IllegalStateException: folio 7 has two owners at tick 3", outcome);
        assertTrue(outcome.err.contains("--stacktrace"), outcome.err);
    }

    @Test
    void endlessRecursionIsAnInternalErrorToo() {
        Outcome outcome = runFailing(() -> {
            throw new StackOverflowError();
        });
        assertFailsInOneLine(3, "internal error", outcome);
    }

    @Test
    void theTraceIsShownOnRequest() {
        Outcome outcome = runFailing(() -> {
            throw new IllegalStateException("odd");
        }, "--stacktrace");
        assertEquals(3, outcome.status);
        assertTrue(outcome.err.contains("\tat "), outcome.err);
    }

    @Test
    void theStatusOfACommandIsTheStatusOfTheProgram() {
        assertEquals(1, runFailing(() -> ExitStatus.DIFFERENT).status);
    }

    @Test
    void aFileNamedWithAnAtSignIsAFile(@TempDir Path directory) {
        Outcome outcome = run(Cli.commandLine(), "@" + directory);
        assertFailsInOneLine(2, "@" + directory, outcome);
    }

    private static void assertFailsInOneLine(int status, String part, Outcome outcome) {
        assertEquals(status, outcome.status, outcome.err);
        assertEquals("", outcome.out);
        assertEquals(1, outcome.err.lines().count(), outcome.err);
        assertTrue(outcome.err.startsWith("foliofleet: "), outcome.err);
        assertTrue(outcome.err.contains(part), outcome.err);
        assertFalse(outcome.err.contains("\tat "), outcome.err);
    }

    private static Outcome runFailing(Callable<Integer> failure, String... options) {
        CommandLine commandLine = Cli.commandLine(new FailCommand(failure));
        String[] arguments = new String[options.length + 1];
        arguments[0] = "fail";
        System.arraycopy(options, 0, arguments, 1, options.length);
        return run(commandLine, arguments);
    }

    private static Outcome run(CommandLine commandLine, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        commandLine.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        int status = Cli.run(commandLine, arguments);
        commandLine.getOut().flush();
        commandLine.getErr().flush();
        return new Outcome(status, out.toString(), err.toString().replace(System.lineSeparator(), "\n"));
    }

    private static List<CommandLine> allCommands(CommandLine commandLine) {
        List<CommandLine> all = new ArrayList<>(List.of(commandLine));
        commandLine.getSubcommands().values().forEach(sub -> all.addAll(allCommands(sub)));
        return all;
    }
}
