package org.foliofleet.node.mm.random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import org.foliofleet.node.mm.numa.VmEvent;
import org.foliofleet.protocol.policy.Policies;
import org.junit.jupiter.api.Test;

/**
 * Goal: whatever programs do, the machine's invariants hold. Method: random programs, one call after the other and all
 * processes at once, on machines with much and with little memory. {@code -Dprograms=100000} for more of them, {@code
 * -Dfirst=N} for others than those from seed 1 on, {@code -Dseed=N} for the one that failed.
 */
class RandomProgramTest {
    private static final int PROGRAMS = Integer.getInteger("programs", 1200);
    private static final long FIRST = Long.getLong("first", 1);
    private static final Long ONLY = Long.getLong("seed");

    static void forEachSeed(int programs, LongConsumer test) {
        long first = ONLY != null ? ONLY : FIRST;
        long last = ONLY != null ? ONLY : FIRST + programs - 1;
        for (long seed = first; seed <= last; seed++) {
            try {
                test.accept(seed);
            } catch (RuntimeException | Error e) {
                throw new AssertionError("replay with: mvn -o -q -pl node -am test -Dtest=RandomProgramTest -Dseed=" + seed + "\n" + e.getMessage(), e);
            }
        }
    }

    @Test
    void invariantsHoldAfterEveryCall() {
        Map<String, Integer> outcomes = new TreeMap<>();
        forEachSeed(PROGRAMS, seed -> new ProgramRun(RandomProgram.of(seed, RandomProgram.Flavor.ANY)).sequentially().outcomes()
                .forEach((outcome, count) -> outcomes.merge(outcome, count, Integer::sum)));
        if (Boolean.getBoolean("outcomes")) {
            outcomes.forEach((outcome, count) -> System.out.println(count + "\t" + outcome));
        }
    }

    @Test
    void invariantsHoldWhereMovesRelocate() {
        Map<String, Long> counted = new TreeMap<>();
        forEachSeed(PROGRAMS / 12, seed -> {
            RandomProgram program = RandomProgram.of(seed, RandomProgram.Flavor.RELOCATING);
            count(new ProgramRun(program).sequentially(), counted);
            count(new ProgramRun(program).concurrently(), counted);
        });
        assertTrue(ONLY != null || counted.getOrDefault("relocations", 0L) > 0 && counted.getOrDefault("relocate_refused_pinned", 0L) > 0, counted::toString);
        assertEquals(null, counted.get("rmap_stale"));
        if (Boolean.getBoolean("outcomes")) {
            System.out.println(counted);
        }
    }

    private static void count(ProgramRun run, Map<String, Long> counted) {
        for (VmEvent event : VmEvent.values()) {
            for (int i = 0; i < run.machine().topology().nodes().size(); i++) {
                long times = run.machine().node(i).statistics().get(event);
                if (times > 0 && (event.word().startsWith("relocat") || event == VmEvent.RMAP_STALE)) {
                    counted.merge(event.word(), times, Long::sum);
                }
            }
        }
    }

    @Test
    void invariantsHoldUnderSwitchesOfAllThreads() {
        forEachSeed(PROGRAMS / 12, seed -> {
            new ProgramRun(RandomProgram.of(seed, RandomProgram.Flavor.SWITCHED)).sequentially();
            new ProgramRun(RandomProgram.of(seed, RandomProgram.Flavor.SWITCHED)).concurrently();
        });
    }

    /** Appendix B, 13, after every call. */
    @Test
    void pagesHoldWhatWasWrittenLast() {
        forEachSeed(PROGRAMS / 4, seed -> new ProgramRun(RandomProgram.of(seed, RandomProgram.Flavor.ANY)).unchecked().comparing().sequentially());
    }

    @Test
    void invariantsHoldWhileProcessesRunAtOnce() {
        forEachSeed(PROGRAMS, seed -> new ProgramRun(RandomProgram.of(seed, RandomProgram.Flavor.ANY)).concurrently());
    }

    /** Policies of threads A and B that lose no data, every value of their switches in one of them. */
    private static final List<String> POLICIES = List.of(
        "vma_split_folio_policy=try_split;vma_split_trigger={mlock,munlock,mprotect,munmap,mremap,madvise_flag,mbind,uffd};"
            + "split_shape=nonuniform_at_boundary;pin_granularity=page;mlock_large_rule=inside_vma_fully_mapped;"
            + "munlock_large_rule=last_locked_page_unlocks",
        "vma_split_folio_policy=try_split_retry(2);vma_split_trigger={mlock,munlock,mprotect,munmap,mremap};gup_split=always;"
            + "speculative_ref_rate=(0.2,3us);mlock_large_rule=any_mapping;lazyfree_pmd=discard_else_split;ttu_pmd_split_point=before_walk",
        "vma_split_folio_policy=fail_on_pinned;vma_split_trigger={mlock,munlock,mprotect,munmap,mremap,madvise_flag,mbind,uffd};"
            + "mlock_large_rule=per_page_bit;pte_map_queues_deferred=true;ttu_mlock_restore=small_or_pmd;pin_granularity=page",
        "vma_split_folio_policy=queue_deferred;vma_split_trigger={mprotect,munmap};mlock_large_rule=never_large;"
            + "lazyfree_pmd=discard_whole;ttu_mlock_restore=none;mlock_populate_dirties=false;gup_split=longterm_only;pin_granularity=page;"
            + "split_shape=nonuniform_at_boundary",
        "ttu_mlock_restore=small_only;mlock_large_rule=any_mapping;munlock_large_rule=last_locked_page_unlocks;gup_split=always");

    @Test
    void invariantsHoldUnderOtherPolicies() {
        forEachSeed(PROGRAMS / 12, seed -> {
            Policies policies = Policies.parse(POLICIES.get((int) (seed % POLICIES.size())));
            RandomProgram program = RandomProgram.of(seed, RandomProgram.Flavor.ANY);
            under(policies, new ProgramRun(program).comparing()).sequentially();
            under(policies, new ProgramRun(program)).concurrently();
        });
    }

    private static ProgramRun under(Policies policies, ProgramRun run) {
        run.machine().settings(run.machine().settings().with(policies));
        return run;
    }

    @Test
    void equalSeedsHaveEqualDigestsAndOtherSeedsOthers() {
        forEachSeed(PROGRAMS / 10, seed -> {
            String digest = new ProgramRun(RandomProgram.of(seed, RandomProgram.Flavor.ANY)).unchecked().concurrently().machine().digest();
            assertEquals(digest, new ProgramRun(RandomProgram.of(seed, RandomProgram.Flavor.ANY)).unchecked().concurrently().machine().digest());
            assertTrue(!digest.equals(new ProgramRun(RandomProgram.of(seed + 1, RandomProgram.Flavor.ANY)).unchecked().concurrently().machine()
                    .digest()));
        });
    }

    @Test
    void machinesThatAreRestoredAfterEveryTickDoTheSame() {
        forEachSeed(PROGRAMS / 40, seed -> {
            RandomProgram program = RandomProgram.of(seed, RandomProgram.Flavor.ANY);
            String digest = new ProgramRun(program).unchecked().concurrently().machine().digest();
            assertEquals(digest, new ProgramRun(program).unchecked().restoring().concurrently().machine().digest());
        });
    }
}
