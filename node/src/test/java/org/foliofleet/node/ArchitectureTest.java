package org.foliofleet.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import org.foliofleet.node.mm.ImpureSamples;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: the shape of the code holds. Method: the rules of {@link ArchitectureRules} over the compiled classes of
 * {@code node} and {@code protocol}; and, so that the rules are known to bite, over samples that break them.
 */
class ArchitectureTest {
    private static final JavaClasses OURS = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.foliofleet.node", "org.foliofleet.protocol");

    private static final List<ArchRule> PURITY = List.of(
            ArchitectureRules.memoryModelReachesOnlyVocabularyAndCollections(),
            ArchitectureRules.memoryModelHasNoClockDiceOrThreads(),
            ArchitectureRules.memoryModelHasNoSaltedOrder(),
            ArchitectureRules.nothingDependsOnTheDefaultLocaleOrCharset());

    @Test
    void memoryModelReachesOnlyVocabularyAndCollections() {
        ArchitectureRules.memoryModelReachesOnlyVocabularyAndCollections().check(OURS);
    }

    @Test
    void memoryModelHasNoClockDiceOrThreads() {
        ArchitectureRules.memoryModelHasNoClockDiceOrThreads().check(OURS);
    }

    @Test
    void memoryModelHasNoSaltedOrder() {
        ArchitectureRules.memoryModelHasNoSaltedOrder().check(OURS);
    }

    @Test
    void nothingDependsOnTheDefaultLocaleOrCharset() {
        ArchitectureRules.nothingDependsOnTheDefaultLocaleOrCharset().check(OURS);
    }

    @Test
    void protocolDependsOnNobodyOfOurs() {
        ArchitectureRules.protocolDependsOnNobodyOfOurs().check(OURS);
    }

    @Test
    void identifiersAndVocabularyDependOnTheJdkOnly() {
        ArchitectureRules.identifiersDependOnTheJdkOnly().check(OURS);
        ArchitectureRules.vocabularyDependsOnTheJdkOnly().check(OURS);
    }

    @Test
    void packagesOfNodeReachEachOtherInTheAllowedDirections() {
        ArchitectureRules.directionsInsideNode().forEach(rule -> rule.check(OURS));
    }

    @Test
    void packagesHaveNoCycles() {
        ArchitectureRules.noCyclesBetweenPackages().forEach(rule -> rule.check(OURS));
    }

    @Test
    void everyPackageSaysItsJob() {
        assertEquals(List.of(), SourceTree.packagesWithoutInfo());
    }

    @ParameterizedTest
    @ValueSource(classes = {
        ImpureSamples.WallClock.class,
        ImpureSamples.TimeOfDay.class,
        ImpureSamples.Dice.class,
        ImpureSamples.MoreDice.class,
        ImpureSamples.RandomName.class,
        ImpureSamples.OtherThread.class,
        ImpureSamples.SharedCounter.class,
        ImpureSamples.DefaultLocale.class,
        ImpureSamples.SaltedOrder.class,
        ImpureSamples.Environment.class,
        ImpureSamples.EnumHash.class,
    })
    void somePurityRuleCatchesEachImpureSample(Class<?> sample) {
        assertTrue(violated(sample), () -> "no rule catches " + sample.getSimpleName());
    }

    @Test
    void noPurityRuleForbidsAPureClass() {
        assertFalse(violated(ImpureSamples.Pure.class));
    }

    private static boolean violated(Class<?> sample) {
        JavaClasses classes = new ClassFileImporter().importClasses(sample);
        return PURITY.stream().anyMatch(rule -> rule.allowEmptyShould(true).evaluate(classes).hasViolation());
    }
}
