package org.foliofleet.protocol.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.SpecLoader;
import org.foliofleet.protocol.policy.Switch;
import org.junit.jupiter.api.Test;

/** Goal: what is run is what was asked for, and what can not be is told all at once. Method: reads options. */
class MatrixTest {
    private static final ExperimentSpec SPEC = SpecLoader.bundled("refcount-limit-small");

    @Test
    void allCombinationsAreRunTheLastOptionVaryingFastest() {
        List<String> problems = new ArrayList<>();
        Matrix matrix = Matrix.read(SPEC, List.of("refcount_bits=16, 64"), List.of("thp=never,always,madvise", "kernel:mthp.64k=always"), 3, problems);
        assertEquals(List.of(), problems);
        assertEquals(6, matrix.variants().size());
        assertEquals(List.of("16", "never", "always"), matrix.variants().get(0).values());
        assertEquals(List.of("16", "always", "always"), matrix.variants().get(1).values());
        assertEquals(List.of("64", "madvise", "always"), matrix.variants().get(5).values());
        assertEquals("refcount_bits=64 thp=madvise", matrix.name(matrix.variants().get(5)));
        assertEquals(List.of(SPEC.seed(), SPEC.seed() + 1, SPEC.seed() + 2), matrix.seeds());
        ExperimentSpec second = matrix.variants().get(1).spec();
        assertEquals("always", second.machines().get(0).settings().get("thp"));
        assertEquals("always", second.machines().get(0).settings().get("mthp 64k"));
        assertNull(second.machines().get(1).settings().get("mthp 64k"), "a class by its name is the only one that is changed");
        assertEquals("16", second.machines().get(4).policies().value(Switch.REFCOUNT_BITS));
    }

    @Test
    void commasInBracesAndParenthesesBelongToTheValue() {
        assertEquals(List.of("{}", "{mlock,munlock}", "(0.1,1ms)", "x"), Matrix.parts("{},{mlock,munlock},(0.1,1ms),x"));
    }

    @Test
    void everythingThatIsWrongIsToldAtOnce() {
        List<String> problems = new ArrayList<>();
        assertNull(Matrix.read(SPEC, List.of("refcount_bit=16,32", "refcount_bits=16,17", "refcount_bits=16,64", "thp=always,never", "nothing"),
            List.of("thp=always,always", "nowhere:thp=never"), 0, problems));
        assertEquals(List.of(
            "--switch refcount_bit=16,32: no switch is called 'refcount_bit'; did you mean 'refcount_bits'?",
            "--switch refcount_bits=16,17: refcount_bits can not be '17'; write one of 32, 16, 24, 64, 64_large",
            "--switch refcount_bits=16,64: refcount_bits is given twice; write all its values in one option",
            "--switch thp=always,never: no switch is called 'thp'; it is a setting: write --kernel",
            "--switch nothing: there is no value; write NAME=VALUE,VALUE",
            "--kernel thp=always,always: 'always' stands twice; remove one",
            "--kernel nowhere:thp=never: no machine class is called 'nowhere'; write one of kernel, fail-early, saturate, wide, bits-64",
            "--seeds 0: a comparison has 1 to 1000 seeds; write such a number"), problems);
    }

    @Test
    void oneValueAloneIsNothingToCompareAndTooManyCombinationsAreRefused() {
        List<String> problems = new ArrayList<>();
        assertNull(Matrix.read(SPEC, List.of("refcount_bits=16"), List.of(), 1, problems));
        assertEquals(List.of("there is nothing to compare; write --switch NAME=VALUE,VALUE or --kernel NAME=VALUE,VALUE"), problems);
        problems.clear();
        assertNull(Matrix.read(SPEC, List.of("refcount_bits=16,24,32,64"), List.of("thp=always,madvise,never", "shmem=always,never", "swappiness=1,2,3"),
            1, problems));
        assertEquals(1, problems.size(), problems::toString);
        problems.clear();
        assertNotNull(Matrix.read(SPEC, List.of("refcount_bits=16,24,32,64"), List.of("thp=always,never"), 1000, problems));
    }
}
