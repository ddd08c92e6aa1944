package org.foliofleet.node.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Who has opened a database in a file, in a note beside it, for those who find it locked. The lock is the database's own;
 * the note only gives it a name.
 */
final class FileOwner {
    private FileOwner() {}

    private static Path note(String file) {
        return Path.of(file + ".user");
    }

    /** This JVM has it. */
    static void note(Path file) {
        try {
            Files.writeString(note(file.toString()), Long.toString(ProcessHandle.current().pid()));
        } catch (IOException e) {
            // Without the note the message of whoever comes second is less exact, no more.
            return;
        }
    }

    /** Who has it, in words. */
    static String of(Path file) {
        try {
            long process = Long.parseLong(Files.readString(note(file.toString())).strip());
            Optional<ProcessHandle> alive = ProcessHandle.of(process);
            return alive.isEmpty() ? "another process" : "process " + process
                    + alive.get().info().startInstant().map(start -> ", which began " + start).orElse("");
        } catch (IOException | NumberFormatException e) {
            return "another process";
        }
    }
}
