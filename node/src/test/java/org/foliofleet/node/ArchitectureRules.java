package org.foliofleet.node;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaAccess.Functions.Get.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.lang.ArchRule;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The rules of direction and purity for {@code node} and {@code protocol}. A rule in the way is changed in its own
 * commit, with its reason; it does not grow an exception list. Rules over packages that do not exist yet hold.
 */
final class ArchitectureRules {
    private static final String NODE = "org.foliofleet.node..";
    private static final String MM = "org.foliofleet.node.mm..";
    private static final String PROTOCOL = "org.foliofleet.protocol..";

    private ArchitectureRules() {}

    static ArchRule memoryModelReachesOnlyVocabularyAndCollections() {
        return classes().that().resideInAPackage(MM).should().onlyDependOnClassesThat().resideInAnyPackage(
                        MM, PROTOCOL, "org.agrona.collections..",
                        "java.lang", "java.lang.annotation", "java.util", "java.util.function", "java.util.stream")
                .because("a decision must give the same answer in every run, on every machine")
                .allowEmptyShould(true);
    }

    static ArchRule memoryModelHasNoClockDiceOrThreads() {
        return noClasses().that().resideInAnyPackage(MM, PROTOCOL)
                .should().callMethod(System.class, "nanoTime")
                .orShould().callMethod(System.class, "currentTimeMillis")
                .orShould().callMethod(System.class, "getProperty", String.class)
                .orShould().callMethod(System.class, "getProperty", String.class, String.class)
                .orShould().callMethod(System.class, "getenv")
                .orShould().callMethod(System.class, "getenv", String.class)
                .orShould().callMethod(System.class, "identityHashCode", Object.class)
                .orShould().callMethod(Math.class, "random")
                .orShould().dependOnClassesThat().resideInAnyPackage("java.time..", "java.util.concurrent..")
                .orShould().dependOnClassesThat(name("java.util.UUID").or(name("java.util.Random"))
                        .or(name("java.util.SplittableRandom")).or(name("java.util.Date"))
                        .or(name("java.util.Calendar")).or(name("java.util.TimeZone")).or(name("java.util.Timer"))
                        .or(name("java.util.IdentityHashMap")).or(name("java.util.WeakHashMap"))
                        .or(name("java.lang.Thread")).or(name("java.lang.ThreadLocal"))
                        .or(name("java.lang.Runtime")).or(name("java.lang.ProcessBuilder"))
                        .as("are clocks, dice, threads or keyed by identity"))
                .because("tick and random stream are arguments, and one thread runs a machine")
                .allowEmptyShould(true);
    }

    /** Sets and maps of {@code of} iterate in an order that each JVM salts; so does anything hashed by an enum. */
    static ArchRule memoryModelHasNoSaltedOrder() {
        return noClasses().that().resideInAPackage(MM)
                .should().callMethodWhere(owner(assignableTo(Set.class).or(assignableTo(Map.class)))
                        .onResultOf(target())
                        .and(name("of").or(name("ofEntries")).or(name("copyOf"))
                                .onResultOf(target())))
                .orShould().callMethodWhere(owner(assignableTo(Enum.class))
                        .onResultOf(target())
                        .and(name("hashCode")
                                .onResultOf(target())))
                .because("the order must be the same in every JVM: use List, EnumSet, TreeMap or LinkedHashMap")
                .allowEmptyShould(true);
    }

    static ArchRule nothingDependsOnTheDefaultLocaleOrCharset() {
        return noClasses().that().resideInAPackage("org.foliofleet..")
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
    }

    static ArchRule protocolDependsOnNobodyOfOurs() {
        return noClasses().that().resideInAPackage(PROTOCOL).should().dependOnClassesThat(
                resideInAPackage("org.foliofleet..").and(not(resideInAPackage(PROTOCOL))));
    }

    static ArchRule identifiersDependOnTheJdkOnly() {
        return classes().that().resideInAPackage("org.foliofleet.protocol.id..").should().onlyDependOnClassesThat()
                .resideInAnyPackage("org.foliofleet.protocol.id..", "java..");
    }

    static ArchRule vocabularyDependsOnTheJdkOnly() {
        return classes().that().resideInAnyPackage(
                        "org.foliofleet.protocol.message..", "org.foliofleet.protocol.event..",
                        "org.foliofleet.protocol.program..", "org.foliofleet.protocol.policy..")
                .should().onlyDependOnClassesThat().resideInAnyPackage(
                        "org.foliofleet.protocol.id..", "org.foliofleet.protocol.message..",
                        "org.foliofleet.protocol.event..", "org.foliofleet.protocol.program..",
                        "org.foliofleet.protocol.policy..", "org.foliofleet.protocol", "java..");
    }

    /** Who in {@code node} may reach whom in {@code node}; actors, which reach most, are not listed. */
    static List<ArchRule> directionsInsideNode() {
        Map<String, List<String>> allowed = Map.of(
                "workload", List.of(),
                "metrics", List.of(),
                "journal", List.of("mm"),
                "conformance", List.of("mm", "workload"),
                "trace", List.of("mm", "workload"));
        List<ArchRule> rules = new ArrayList<>();
        allowed.keySet().stream().sorted().forEach(from -> {
            List<String> reachable = new ArrayList<>(List.of("org.foliofleet.node." + from + ".."));
            allowed.get(from).forEach(to -> reachable.add("org.foliofleet.node." + to + ".."));
            rules.add(noClasses().that().resideInAPackage("org.foliofleet.node." + from + "..").should()
                    .dependOnClassesThat(resideInAPackage(NODE)
                            .and(not(resideInAnyPackage(reachable.toArray(String[]::new)))))
                    .allowEmptyShould(true));
        });
        return rules;
    }

    static List<ArchRule> noCyclesBetweenPackages() {
        return List.of(
                slices().matching("org.foliofleet.(*)..").should().beFreeOfCycles(),
                slices().matching("org.foliofleet.protocol.(*)..").should().beFreeOfCycles(),
                slices().matching("org.foliofleet.node.(*)..").should().beFreeOfCycles().allowEmptyShould(true));
    }
}
