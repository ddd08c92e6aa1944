package org.foliofleet.coordinator.cli;

import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.TreeSet;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.NearestName;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Turns every failure into one message on the error stream and an exit status. A stack trace helps who mends this
 * program and hides the message from everybody else, so it is shown on request only.
 */
final class Failures implements IParameterExceptionHandler, IExecutionExceptionHandler {
    private static final String STACK_TRACE_OPTION = "--stacktrace";

    /** Options that cannot be used: what is wrong, the nearest names, where help is. */
    @Override
    public int handleParseException(ParameterException failure, String[] arguments) {
        CommandLine command = failure.getCommandLine();
        if (failure.getCause() instanceof BadInput badInput) {
            return report(badInput, command, wantsTrace(command, arguments));
        }
        String what = failure instanceof UnmatchedArgumentException unmatched
                ? describe(unmatched)
                : oneLine(failure.getMessage());
        say(command, what + "; see '" + command.getCommandSpec().qualifiedName() + " --help'");
        if (wantsTrace(command, arguments)) {
            failure.printStackTrace(command.getErr());
        }
        return ExitStatus.BAD_INPUT;
    }

    @Override
    public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
        return report(failure, command, wantsTrace(command, parsed.originalArgs().toArray(String[]::new)));
    }

    /** Says {@code failure} and returns the exit status that it stands for. */
    int report(Throwable failure, CommandLine command, boolean withTrace) {
        Throwable cause = failure instanceof UncheckedIOException ? failure.getCause() : failure;
        int status;
        if (cause instanceof BadInput) {
            say(command, cause.getMessage());
            status = ExitStatus.BAD_INPUT;
        } else if (cause instanceof FileSystemException fileFailure) {
            say(command, describe(fileFailure));
            status = ExitStatus.BAD_INPUT;
        } else if (cause instanceof OutOfMemoryError) {
            say(command, "out of memory: " + cause.getMessage() + "; give more with java -Xmx, or make the input smaller");
            status = ExitStatus.INTERNAL_ERROR;
        } else {
            say(command, "internal error: " + oneLine(failure.toString())
                    + (withTrace ? "" : "; " + STACK_TRACE_OPTION + " or FOLIOFLEET_DEBUG=1 shows where, for a report"));
            status = ExitStatus.INTERNAL_ERROR;
        }
        if (withTrace) {
            failure.printStackTrace(command.getErr());
            command.getErr().flush();
        }
        return status;
    }

    static boolean wantsTrace(CommandLine command, String... arguments) {
        return Arrays.asList(arguments).contains(STACK_TRACE_OPTION) || "1".equals(System.getenv("FOLIOFLEET_DEBUG"));
    }

    /** Picocli suggests options by their beginning only, and nothing if a value follows; hence our own. */
    private static String describe(UnmatchedArgumentException failure) {
        CommandSpec command = failure.getCommandLine().getCommandSpec();
        String argument = failure.getUnmatched().get(0);
        if (argument.startsWith("-")) {
            String name = argument.replaceFirst("=.*", "");
            return "unknown option '" + name + "'" + NearestName.hint(name, new TreeSet<>(command.optionsMap().keySet()));
        }
        if (!command.subcommands().isEmpty()) {
            return "unknown command '" + argument + "'"
                    + NearestName.hint(argument, new TreeSet<>(command.subcommands().keySet()));
        }
        return "unexpected argument '" + argument + "'";
    }

    private static String describe(FileSystemException failure) {
        String file = failure.getFile();
        if (failure instanceof NoSuchFileException) {
            return file + ": no such file or directory; check the path";
        }
        if (failure instanceof AccessDeniedException) {
            return file + ": permission denied; check who may read or write it";
        }
        return file + ": " + oneLine(String.valueOf(failure.getReason())) + "; check the path";
    }

    private static String oneLine(String message) {
        return message.replaceAll("\\s*\\R\\s*", " ");
    }

    private static void say(CommandLine command, String message) {
        PrintWriter err = command.getErr();
        err.println("foliofleet: " + message);
        err.flush();
    }
}
