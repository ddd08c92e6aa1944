package org.foliofleet.coordinator.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The command {@code foliofleet}. A sub-command is a {@code Callable<Integer>} in this package, named in
 * {@code subcommands} below; help, version, {@code --stacktrace} and the treatment of failures come with that.
 * See {@link ExitStatus} for what {@code call()} may return.
 */
@Command(
        name = "foliofleet",
        description = "A deterministic model of Linux memory, true to a recorded kernel.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Version.class,
        subcommands = {RunCommand.class, CompareCommand.class, ResumeCommand.class, BranchCommand.class, SubmitCommand.class, ListCommand.class, StatusCommand.class, ReportCommand.class,
            WatchCommand.class, PauseCommand.class, CancelCommand.class, HistoryCommand.class, NodeCommand.class, CoordinatorCommand.class, ClusterCommand.class,
            ConformCommand.class, ValidateCommand.class, ExplainCommand.class, SchemaCommand.class, GenerateCompletion.class},
        footerHeading = "%nExit status:%n",
        footer = {
            "  0  done; nothing differs, every assertion holds",
            "  1  something differs or an assertion failed",
            "  2  input or options cannot be used; one message says where and what to do",
            "  3  internal error",
            "  4  the experiment has failed or was cancelled; the message says why",
            "  130  ended by Ctrl-C; an experiment of this process is paused, the message says how to go on"
        })
public final class Cli implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--stacktrace",
            scope = ScopeType.INHERIT,
            description = "Show the stack trace of a failure (also: FOLIOFLEET_DEBUG=1).")
    private boolean stackTrace;

    private Cli() {}

    public static void main(String[] arguments) {
        int status = run(commandLine(), arguments);
        Interruption.commandHasEnded();
        System.exit(status);
    }

    /** The whole command, ready to be executed or inspected, and {@code more} sub-commands, for tests; one of a name that exists takes its place. */
    static CommandLine commandLine(Object... more) {
        CommandLine commandLine = new CommandLine(new Cli());
        for (Object subcommand : more) {
            CommandLine added = new CommandLine(subcommand);
            if (commandLine.getSubcommands().containsKey(added.getCommandName())) {
                commandLine.getCommandSpec().removeSubcommand(added.getCommandName());
            }
            commandLine.addSubcommand(added);
        }
        // Help commands forgive unknown options; this one is no help command to a person.
        commandLine.getSubcommands().get("generate-completion").getCommandSpec().helpCommand(false);
        Failures failures = new Failures();
        return commandLine
                .setExpandAtFiles(false) // a file whose name begins with @ is a file
                .setParameterExceptionHandler(failures)
                .setExecutionExceptionHandler(failures);
    }

    /** Runs a command and says how it ended; never throws, not even when memory or stack run out. */
    static int run(CommandLine commandLine, String... arguments) {
        try {
            return commandLine.execute(arguments);
        } catch (StackOverflowError | OutOfMemoryError e) {
            return new Failures().report(e, commandLine, Failures.wantsTrace(commandLine, arguments));
        }
    }

    /** Without a sub-command the program explains itself. */
    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getOut());
        return ExitStatus.OK;
    }
}
