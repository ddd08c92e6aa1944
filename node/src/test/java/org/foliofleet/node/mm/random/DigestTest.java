package org.foliofleet.node.mm.random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.foliofleet.node.mm.machine.Machine;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Goal: equal machines have equal digests in every JVM, and machines that differ in anything have different ones. */
class DigestTest {
    private static final int PROGRAMS = 40;

    /** The digests of some programs, midway and at their ends; run in other JVMs. */
    static final class Main {
        private Main() {}

        public static void main(String[] arguments) {
            System.out.print(digests());
        }
    }

    private static String digests() {
        StringBuilder text = new StringBuilder();
        for (long seed = 1; seed <= PROGRAMS; seed++) {
            Machine machine = new ProgramRun(RandomProgram.of(seed, RandomProgram.Flavor.ANY)).unchecked().stoppingAt((int) seed * 3)
                    .concurrently().machine();
            text.append(seed).append(' ').append(machine.digest());
            machine.runUntilQuiet();
            text.append(' ').append(machine.digest()).append('\n');
        }
        return text.toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "-Duser.language=tr -Duser.country=TR -Duser.timezone=Pacific/Apia -XX:+UseSerialGC -Xshare:off",
        "-Duser.language=ar -Duser.timezone=America/St_Johns -XX:+UseG1GC -XX:+UnlockExperimentalVMOptions -XX:hashCode=0",
        "-Dfile.encoding=ISO-8859-1 -XX:+UseParallelGC -XX:+UnlockExperimentalVMOptions -XX:hashCode=2",
        "-XX:+UseZGC -XX:+UnlockExperimentalVMOptions -XX:hashCode=3 -Xint",
    })
    void otherLocalesTimeZonesHashSeedsAndCollectorsChangeNothing(String options) throws Exception {
        assertEquals(digests(), run(Path.of(System.getProperty("java.home")), options));
    }

    @Test
    void anotherJdkChangesNothing() throws Exception {
        Path other = anotherJdk();
        Assumptions.assumeTrue(other != null, "no JDK 25 or 17 lies beside this one; only " + System.getProperty("java.version") + " was tried");
        assertEquals(digests(), run(other, "-XX:+UseG1GC"));
    }

    /** JDK 25 where this is 17, or the other way round; null if it is not installed. */
    private static Path anotherJdk() throws IOException {
        Path home = Path.of(System.getProperty("java.home")).toRealPath();
        String wanted = Runtime.version().feature() == 25 ? "17" : "25";
        try (Stream<Path> siblings = Files.list(home.getParent())) {
            for (Path sibling : siblings.sorted().toList()) {
                Path release = sibling.resolve("release");
                if (Files.isExecutable(sibling.resolve("bin/java")) && Files.isRegularFile(release)
                        && Files.readString(release).contains("JAVA_VERSION=\"" + wanted)) {
                    return sibling;
                }
            }
        }
        return null;
    }

    private static String run(Path jdk, String options) throws Exception {
        List<String> command = new ArrayList<>(List.of(jdk.resolve("bin").resolve("java").toString()));
        command.addAll(Arrays.asList(options.split(" ")));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        File errors = File.createTempFile("digest", ".err");
        Process process = new ProcessBuilder(command).redirectError(errors).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), () -> command + "\n" + output);
        assertTrue(errors.delete());
        return output;
    }

    @Test
    void anyByteOfTheStateThatChangesChangesTheDigest() {
        int changed = 0;
        for (long seed = 1; seed <= 5; seed++) {
            Machine machine = new ProgramRun(RandomProgram.of(seed, RandomProgram.Flavor.ANY)).unchecked().stoppingAt(25 + (int) seed * 5)
                    .concurrently().machine();
            byte[] snapshot = machine.snapshot();
            String digest = machine.digest();
            assertEquals(digest, Machine.restore(snapshot).digest());
            for (int i = 0; i < snapshot.length; i++) {
                byte[] other = snapshot.clone();
                other[i] ^= (byte) (1 << i % 7);
                Machine restored;
                byte[] again;
                try {
                    restored = Machine.restore(other);
                    again = restored.snapshot();
                } catch (RuntimeException | OutOfMemoryError refused) {
                    continue;
                }
                if (!Arrays.equals(snapshot, again)) {
                    int at = i;
                    long its = seed;
                    assertNotEquals(digest, restored.digest(), () -> "seed " + its + ", byte " + at + " of the snapshot");
                    changed++;
                }
            }
        }
        assertTrue(changed > 2000, "only " + changed + " changes were tried");
    }
}
