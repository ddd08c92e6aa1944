package org.foliofleet.coordinator;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Goal: the coordinator stays outside of the model. Method: rules over its compiled classes. A rule in the way is
 * changed in its own commit, with its reason; it does not grow an exception list.
 */
class ArchitectureTest {
    private static final JavaClasses OURS = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.foliofleet.coordinator");

    @Test
    void onlyEmbeddedReachesTheModelAndTheCommandLineReachesTwoFacades() {
        DescribedPredicate<JavaClass> facades = resideInAPackage("org.foliofleet.node.conformance")
                .or(resideInAPackage("org.foliofleet.node.trace"));
        noClasses().that().resideOutsideOfPackage("org.foliofleet.coordinator.embedded..")
                .should().dependOnClassesThat(resideInAPackage("org.foliofleet.node..").and(DescribedPredicate.not(facades)))
                .because("what runs in this JVM today runs in others tomorrow")
                .check(OURS);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("org.foliofleet.coordinator.(*)..").should().beFreeOfCycles().check(OURS);
    }

    @Test
    void onlyTheCommandLineKnowsTheCommandLineLibrary() {
        noClasses().that().resideOutsideOfPackage("org.foliofleet.coordinator.cli..")
                .should().dependOnClassesThat().resideInAPackage("picocli..")
                .allowEmptyShould(true)
                .check(OURS);
    }

    @Test
    void nothingDependsOnTheDefaultLocaleOrCharset() {
        ArchRule rule = noClasses()
                .should().callMethod(String.class, "format", String.class, Object[].class)
                .orShould().callMethod(String.class, "formatted", Object[].class)
                .orShould().callMethod(String.class, "toLowerCase")
                .orShould().callMethod(String.class, "toUpperCase")
                .orShould().callMethod(String.class, "getBytes")
                .orShould().callMethod(PrintStream.class, "printf", String.class, Object[].class)
                .orShould().callMethod(PrintStream.class, "format", String.class, Object[].class)
                .orShould().callMethod(PrintWriter.class, "printf", String.class, Object[].class)
                .orShould().callMethod(PrintWriter.class, "format", String.class, Object[].class)
                .orShould().callConstructor(String.class, byte[].class)
                .orShould().callConstructor(InputStreamReader.class, InputStream.class)
                .because("output must not depend on where it is made: name Locale.ROOT and UTF_8");
        rule.check(OURS);
    }

    @Test
    void everyPackageSaysItsJob() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src", "main", "java"))) {
            List<Path> without = files.filter(file -> file.toString().endsWith(".java"))
                    .map(Path::getParent)
                    .distinct()
                    .filter(directory -> !Files.isRegularFile(directory.resolve("package-info.java")))
                    .sorted()
                    .toList();
            assertEquals(List.of(), without);
        }
    }
}
