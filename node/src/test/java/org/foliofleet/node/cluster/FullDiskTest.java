package org.foliofleet.node.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.foliofleet.node.journal.DatabaseAddress;
import org.foliofleet.protocol.BadInput;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: when the disk of the database is full, machines wait, and go on by themselves when there is room. Method: a storm on an H2 file
 * in a file system of a few megabytes, which then grows; needs the right to mount one.
 */
class FullDiskTest {
    private static final int ROUNDS = 60;
    private static final int EPOCHS = 200;

    @TempDir
    Path directory;

    @Test
    void aMachineWaitsForRoomAndGoesOn() throws IOException {
        Path disk = Files.createDirectory(directory.resolve("disk"));
        Assumptions.assumeTrue(mounts("mount", "-t", "tmpfs", "-o", "size=2m", "none", disk.toString()), "no right to mount a file system");
        try {
            Storm storm = new Storm(1, ROUNDS, EPOCHS);
            DatabaseAddress database = DatabaseAddress.ofFile(disk.resolve("journal"));
            try (StormJvm jvm = new StormJvm(directory, database, ROUNDS, "machine", storm)) {
                jvm.permit(EPOCHS * 10);
                String first = jvm.await(line -> line.contains(" waiting ") || line.contains(" finished ") || line.contains(" failed "));
                assertFalse(first.contains(" finished ") || first.contains(" failed "), first);
                mounts("mount", "-o", "remount,size=256m", disk.toString());
                assertEquals("finished " + storm.end(), jvm.end(storm), jvm::lastWords);
            }
        } finally {
            mounts("umount", "-l", disk.toString());
        }
    }

    private static boolean mounts(String... command) {
        try {
            JavaProcess.Shell.run(command);
            return true;
        } catch (BadInput e) {
            return false;
        }
    }
}
