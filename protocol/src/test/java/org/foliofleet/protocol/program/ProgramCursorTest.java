package org.foliofleet.protocol.program;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.SpecLoader;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.program.ProgramCursor.Action;
import org.junit.jupiter.api.Test;

/** Goal: a cursor does what the program says. Method: programs as they are written in files, and the list of actions. */
class ProgramCursorTest {
    private static Program program(String steps) {
        String yaml = "version: 1\nname: test\nmachines:\n  - name: host\n    nodes: [{memory: 1GiB}]\n"
                + "    files: [{name: shm, size: 2MiB, shmem: true}]\n    processes: [{name: p, program: main}]\n"
                + "programs:\n  helper:\n    - wait: 1us\n  main:\n"
                + steps.strip().indent(4);
        ExperimentSpec spec = SpecLoader.read(yaml.getBytes(StandardCharsets.UTF_8), "test.yaml");
        return spec.machines().get(0).processes().get(0).program();
    }

    private static ProgramCursor cursor(Program program) {
        return ProgramCursor.start(program, RandomStream.of(1, "workload", 0));
    }

    private static List<String> actions(ProgramCursor cursor) {
        List<String> actions = new ArrayList<>();
        while (true) {
            Action action = cursor.next();
            if (action instanceof Action.End) {
                return actions;
            }
            actions.add(word(action));
            if (action instanceof Action.Make || action instanceof Action.Operate || action instanceof Action.Fork) {
                cursor.answered(CallResult.OK);
            }
        }
    }

    private static String word(Action action) {
        if (action instanceof Action.Make make) {
            return make.call().toString();
        } else if (action instanceof Action.Fork fork) {
            return "fork " + fork.step().name() + " " + fork.ordinal();
        } else if (action instanceof Action.Wait wait) {
            return "wait " + wait.nanos();
        } else if (action instanceof Action.Operate operate) {
            return operate.step().call().toString();
        }
        return action.toString();
    }

    @Test
    void regionsStandForWhereTheyWereMapped() {
        List<String> actions = actions(cursor(program("""
            - mmap: {name: buf, at: 1GiB, size: 2MiB, prot: rw}
            - munmap: {in: buf, at: 1MiB}
            - mlock: {in: buf, at: 4KiB, size: 8KiB}
            - mremap: {in: buf, to: 2GiB, new_size: 4MiB}
            - munlock: buf
            """)));
        assertEquals(List.of(
                "Mmap[range=262144+512, protection=rw, shared=false, backing=Anonymous[], flags=[]]",
                "Munmap[range=262400+256]",
                "Mlock[range=262145+2, onFault=false]",
                "Mremap[from=262144+512, newCount=1024, newStart=524288, mayMove=true, dontUnmap=false, relocate=NONE]",
                "Munlock[range=524288+1024]"), actions);
    }

    @Test
    void loopsCountAndNest() {
        List<String> actions = actions(cursor(program("""
            - repeat:
                times: 2
                index: i
                steps:
                  - repeat:
                      times: 2
                      index: j
                      steps:
                        - munmap: {at: i * 1MiB + j * 4KiB, size: 4KiB}
                  - program: helper
            """)));
        assertEquals(List.of("Munmap[range=0+1]", "Munmap[range=1+1]", "wait 1000",
                "Munmap[range=256+1]", "Munmap[range=257+1]", "wait 1000"), actions);
    }

    @Test
    void aFailureEndsTheInnermostLoopThatRunsUntilOne() {
        ProgramCursor cursor = cursor(program("""
            - repeat:
                times: 1000000
                until: failed
                steps:
                  - repeat: {times: 3, steps: [numa-scan]}
            - mark: after
            """));
        cursor.next();
        cursor.answered(CallResult.OK);
        cursor.next();
        cursor.answered(new CallResult.Failed(Errno.ENOMEM));
        assertEquals(new Action.Mark("after"), cursor.next());
        assertInstanceOf(Action.End.class, cursor.next());
        assertInstanceOf(Action.End.class, cursor.next());
    }

    @Test
    void forkedChildrenKnowTheRegionsOfTheirParent() {
        ProgramCursor cursor = cursor(program("""
            - mmap: {name: buf, at: 0, size: 1MiB, prot: rw}
            - fork: {name: worker, steps: [{munmap: buf}]}
            - fork: {name: worker, steps: [{munmap: buf}]}
            """));
        cursor.next();
        cursor.answered(CallResult.OK);
        Action.Fork first = assertInstanceOf(Action.Fork.class, cursor.next());
        cursor.answered(CallResult.OK);
        Action.Fork second = assertInstanceOf(Action.Fork.class, cursor.next());
        assertEquals(0, first.ordinal());
        assertEquals(1, second.ordinal());
        Action.Make unmap = assertInstanceOf(Action.Make.class, first.child().next());
        assertEquals(new MemoryCall.Munmap(new PageRange(0, 256)), unmap.call());
    }

    /** Goal: position, draws and regions are all there is. Method: restore before every action, expect the same rest. */
    @Test
    void aRestoredCursorGoesOnAsTheOriginal() {
        Program program = program("""
            - mmap: {name: buf, at: 0, size: 1MiB, prot: rw}
            - repeat:
                times: 4
                steps:
                  - choose:
                      - weight: 2
                        steps: [{read: {in: buf, at: uniform(0..512KiB), size: 4KiB}}, {program: helper}]
                      - steps:
                          - repeat: {times: uniform(1..3), steps: [{wait: exponential(1ms)}]}
                  - program: helper
                  - fork: helper
            """);
        List<String> all = actions(cursor(program));
        ProgramCursor original = cursor(program);
        for (int i = 0; i < all.size(); i++) {
            ProgramCursor restored = ProgramCursor.restored(program,
                    RandomStream.restored(original.random().key(), original.random().position()), original.regions(),
                    original.forks(), original.position());
            assertEquals(all.subList(i, all.size()), actions(restored), "restored before action " + i);
            Action action = original.next();
            if (!(action instanceof Action.Wait)) {
                original.answered(CallResult.OK);
            }
        }
    }
}
