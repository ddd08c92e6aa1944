package org.foliofleet.coordinator.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.foliofleet.protocol.BadInput;

/** Files that reports are written into. */
final class ReportFiles {
    private ReportFiles() {}

    /**
     * Looks before anything is done.
     *
     * @param file or null
     * @throws BadInput if it can not be written
     */
    static void require(String option, Path file) {
        if (file == null) {
            return;
        }
        Path directory = file.toAbsolutePath().getParent();
        if (directory == null || Files.isDirectory(file)) {
            throw new BadInput(option + " " + file + ": this is a directory; name a file in it");
        }
        if (!Files.isDirectory(directory)) {
            throw new BadInput(option + " " + file + ": there is no directory " + directory + "; create it first");
        }
    }

    static void write(Path file, String text) throws IOException {
        Files.write(file, text.getBytes(StandardCharsets.UTF_8));
    }
}
