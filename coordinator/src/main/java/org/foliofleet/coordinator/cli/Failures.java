package org.foliofleet.coordinator.cli;

import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.List;
import org.foliofleet.protocol.BadInput;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Turns every failure into one message on the error stream and an exit status. A stack trace helps who mends this
 * program and hides the message from everybody else, so it is shown on request only.
 */
final class Failures implements IParameterExceptionHandler, IExecutionExceptionHandler {
    private static final String STACK_TRACE_OPTION = "--stacktrace";
    private static final int SUGGESTION_COUNT = 3;

    /** Options that cannot be used: what is wrong, the nearest names, where help is. */
    @Override
    public int handleParseException(ParameterException failure, String[] arguments) {
        CommandLine command = failure.getCommandLine();
        if (failure.getCause() instanceof BadInput badInput) {
            return report(badInput, command, wantsTrace(command, arguments));
        }
        StringBuilder message = new StringBuilder(oneLine(failure.getMessage()));
        if (failure instanceof UnmatchedArgumentException unmatched) {
            List<String> nearest = unmatched.getSuggestions();
            if (!nearest.isEmpty()) {
                message.append("; did you mean ")
                        .append(String.join(" or ", nearest.subList(0, Math.min(SUGGESTION_COUNT, nearest.size()))))
                        .append('?');
            }
        }
        message.append("; see '").append(command.getCommandSpec().qualifiedName()).append(" --help'");
        say(command, message.toString());
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
