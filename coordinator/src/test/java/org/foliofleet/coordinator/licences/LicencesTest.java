package org.foliofleet.coordinator.licences;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Goal: what is shipped holds Apache, MIT, BSD or EPL code only, and LICENCES.md says which. Method: what the modules need when they
 * run is followed from POM to POM, over the class path of this test.
 */
class LicencesTest {
    private static final Path TOP = Path.of("..");
    private static final Path PAGE = TOP.resolve("coordinator/LICENCES.md");

    /** Releases whose POM names the Business Source License 1.1, and the date on which each has become Apache-licensed. */
    private static final Map<String, String> CHANGED = Map.of("com.typesafe.akka 2.8.5", "2026-09-20", "com.typesafe.akka 10.5.3", "2026-10-16",
            "com.lightbend.akka 5.2.1", "2026-02-21", "com.lightbend.akka.management 1.4.0", "2026-05-09", "com.lightbend.akka.discovery 1.4.0", "2026-05-09");

    /** What the code is under that is not to be found in a POM. */
    private static final List<String> BESIDES = List.of("| uPlot, in the live page and in reports | 1.6 | MIT |",
            "| PostgreSQL, in io.zonky.test.postgres | 15 | PostgreSQL, which says what BSD-2-Clause says |");

    /** A jar of the class path. */
    private record Jar(String group, String name, String version, Path file) {
        Path pom() {
            return file.resolveSibling(name + "-" + version + ".pom");
        }
    }

    private static Map<String, Jar> classPath() {
        Map<String, Jar> jars = new TreeMap<>();
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator)).filter(each -> each.endsWith(".jar")).map(Path::of).forEach(file -> {
            Path version = file.getParent();
            Path name = version.getParent();
            if (Files.exists(version.resolve(name.getFileName() + "-" + version.getFileName() + ".pom"))) {
                String path = name.getParent().toString().replace(File.separatorChar, '.');
                jars.put(path.substring(path.indexOf("repository.") + "repository.".length()) + ":" + name.getFileName(), new Jar(
                        path.substring(path.indexOf("repository.") + "repository.".length()), name.getFileName().toString(), version.getFileName().toString(), file));
            }
        });
        return jars;
    }

    private static Path repository(Jar jar) {
        Path found = jar.file().getParent().getParent();
        for (int i = jar.group().split("\\.").length; i >= 0; i--) {
            found = found.getParent();
        }
        return found;
    }

    /** Jars that the modules need when they run. */
    private static Set<Jar> shipped() throws Exception {
        Map<String, Jar> jars = classPath();
        Path repository = repository(jars.values().iterator().next());
        Deque<Artifact> open = new ArrayDeque<>();
        for (String module : List.of("protocol", "node", "coordinator")) {
            open.add(Artifact.read(repository, TOP.resolve(module).resolve("pom.xml")));
        }
        Set<Jar> found = new LinkedHashSet<>();
        while (!open.isEmpty()) {
            for (Artifact.Needed need : open.remove().needs()) {
                Jar jar = jars.get(need.group() + ":" + need.name());
                // What is excluded is not there.
                if (jar != null && found.add(jar)) {
                    open.add(Artifact.read(repository, jar.pom()));
                }
            }
        }
        return found;
    }

    /** The licence under which it is used; @throws AssertionError if there is none that may be */
    private static String licence(String group, String version, List<String> names) {
        for (String name : names) {
            if (name.startsWith("BUSL-1.1") && CHANGED.containsKey(group + " " + version)) {
                return "Apache-2.0, since " + CHANGED.get(group + " " + version);
            }
        }
        for (Map.Entry<String, String> each : List.of(Map.entry("apache.*2.*", "Apache-2.0"), Map.entry("(the )?mit( license)?", "MIT"), Map.entry("mit-0", "MIT-0"),
                Map.entry("bsd-2-clause|two-clause bsd.*", "BSD-2-Clause"), Map.entry("bsd-3-clause|new bsd license", "BSD-3-Clause"), Map.entry("bsd", "BSD"),
                Map.entry("0bsd", "0BSD"), Map.entry("(epl|eclipse public license)\\W+(v ?)?1.0", "EPL-1.0"),
                Map.entry("(epl|eclipse public license)\\W+(v ?)?2.0", "EPL-2.0"))) {
            if (names.stream().anyMatch(name -> name.matches("(?i)(the )?" + each.getKey()))) {
                return each.getValue() + (names.size() > 1 ? ", one of two to choose from" : "");
            }
        }
        throw new AssertionError(group + " " + version + " is under " + names + "; what is shipped is under Apache, MIT, BSD or EPL");
    }

    @Test
    void whatIsShippedIsUnderTheLicencesThatMayBeAndThePageNamesThem() throws Exception {
        Set<String> rows = new TreeSet<>();
        for (Jar jar : shipped()) {
            rows.add("| " + jar.group() + ":" + jar.name() + " | " + jar.version() + " | " + licence(jar.group(), jar.version(),
                    Artifact.read(repository(jar), jar.pom()).licences()) + " |");
        }
        assertTrue(rows.size() > 60 && rows.stream().anyMatch(row -> row.contains("jackson-databind")), rows.toString());
        rows.stream().filter(row -> row.matches(".*(junit|archunit|jmh|mockwebserver).*")).forEach(row -> {
            throw new AssertionError("for tests only: " + row);
        });
        rows.addAll(BESIDES);
        assertEquals(rows.stream().collect(Collectors.joining("\n")),
                Files.readAllLines(PAGE).stream().filter(line -> line.startsWith("| ") && !line.startsWith("| what") && !line.startsWith("| ---")).sorted()
                        .collect(Collectors.joining("\n")), PAGE + " holds other rows");
    }

    @Test
    void otherLicencesAreRefused() {
        assertEquals("EPL-1.0, one of two to choose from", licence("a", "1", List.of("Eclipse Public License - v 1.0", "GNU Lesser General Public License")));
        for (List<String> names : List.of(List.of("GNU Lesser General Public License"), List.of("MPL 2.0"), List.of("Public Domain, per Creative Commons CC0"),
                List.<String>of(), List.of("GNU General Public License (GPL), version 2, with the Classpath exception"), List.of("BUSL-1.1"))) {
            assertThrows(AssertionError.class, () -> licence("com.typesafe.akka", "2.9.0", names), names::toString);
        }
    }

    @Test
    void theReadmeSaysWhenReleasesBecameApacheLicensed() throws Exception {
        String readme = Files.readString(TOP.resolve("README.md"));
        assertEquals(Set.of(), Stream.concat(CHANGED.values().stream(), Stream.of("LICENCES.md")).filter(each -> !readme.contains(each)).collect(Collectors.toSet()));
    }
}
