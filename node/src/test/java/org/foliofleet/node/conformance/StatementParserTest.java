package org.foliofleet.node.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.program.Advice;
import org.foliofleet.protocol.program.Backing;
import org.foliofleet.protocol.program.ContentTag;
import org.foliofleet.protocol.program.MachineCall;
import org.foliofleet.protocol.program.MapFlag;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.MemoryCall.NumaPolicy;
import org.foliofleet.protocol.program.MemoryCall.UffdMode;
import org.foliofleet.protocol.program.Protection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Goal: every sentence of the scenario language becomes the call it stands for, and no other sentence does. */
class StatementParserTest {
    private static final int ORDINAL = 7;
    private static final ContentTag DEFAULT = ContentTag.of(ORDINAL);

    private static MemoryCall call(String text) {
        Statement.OfProcess statement = (Statement.OfProcess) parse("p0 " + text);
        assertEquals("p0", statement.process());
        return statement.call();
    }

    private static MachineCall machine(String text) {
        return ((Statement.OfMachine) parse(text)).call();
    }

    private static Statement parse(String text) {
        return new StatementParser(Set.of("f")).parse(text, ORDINAL, "s.scn:3");
    }

    private static PageRange pages(long start, long count) {
        return new PageRange(0x100000000L + start, count);
    }

    @Test
    void mappings() {
        assertEquals(new MemoryCall.Mmap(pages(0, 16), Protection.READ_WRITE, false, new Backing.Anonymous(), Set.of()),
                call("mmap 0 16 rw private anon"));
        assertEquals(new MemoryCall.Mmap(pages(4, 8), Protection.NONE, true, new Backing.File("f", 3),
                        Set.of(MapFlag.NORESERVE, MapFlag.NOREPLACE, MapFlag.LOCKED, MapFlag.GROWSDOWN)),
                call("mmap 4 8 none shared memfd:f+3 noreserve noreplace locked growsdown"));
        assertEquals(new MemoryCall.Munmap(pages(1, 2)), call("munmap 1 2"));
        assertEquals(new MemoryCall.Mprotect(pages(1, 2), new Protection(true, false, true)), call("mprotect 1 2 rx"));
        assertEquals(new MemoryCall.Mremap(pages(0, 4), 8, -1, false, false), call("mremap 0 4 8"));
        assertEquals(new MemoryCall.Mremap(pages(0, 4), 4, 0x100000000L + 99, true, true),
                call("mremap 0 4 4 fixed 99 dontunmap"));
        assertEquals(new MemoryCall.Mlock(pages(0, 1), false), call("mlock 0 1"));
        assertEquals(new MemoryCall.Mlock(pages(0, 1), true), call("mlock-onfault 0 1"));
        assertEquals(new MemoryCall.Munlock(pages(0, 1)), call("munlock 0 1"));
    }

    @Test
    void everyAdvice() {
        for (Advice advice : Advice.values()) {
            assertEquals(new MemoryCall.Madvise(pages(2, 3), advice), call("madvise 2 3 " + advice.word()));
        }
    }

    @Test
    void accessesWriteTheOrdinalUnlessTheySayOtherwise() {
        assertEquals(new MemoryCall.Read(pages(2, 3)), call("read 2 3"));
        assertEquals(new MemoryCall.Write(pages(2, 3), DEFAULT), call("write 2 3"));
        assertEquals(new MemoryCall.Write(pages(2, 3), new ContentTag(500, true)), call("write 2 3 tag 500 same"));
        assertEquals(new MemoryCall.MemWrite(pages(2, 3), new ContentTag(ORDINAL, true)), call("memwrite 2 3 same"));
        assertEquals(new MemoryCall.Pwrite("f", new PageRange(2, 3), DEFAULT), call("pwrite f 2 3"));
        assertEquals(new MemoryCall.UffdCopy(pages(2, 3), true, ContentTag.of(9)), call("uffd-copy 2 3 wp tag 9"));
        assertEquals(new MemoryCall.UffdCopy(pages(2, 3), false, DEFAULT), call("uffd-copy 2 3"));
    }

    @Test
    void processesAndReferences() {
        assertEquals(new MemoryCall.Fork("p12"), call("fork p12"));
        assertEquals(new MemoryCall.Exit(), call("exit"));
        assertEquals(new MemoryCall.Pin("a", pages(0, 4)), call("pin a 0 4"));
        assertEquals(new MemoryCall.Unpin("a"), call("unpin a"));
        assertEquals(new MemoryCall.GetRef("b", pages(0, 4)), call("getref b 0 4"));
        assertEquals(new MemoryCall.PutRef("b"), call("putref b"));
    }

    @Test
    void userfaultfd() {
        assertEquals(new MemoryCall.UffdRegister(pages(0, 4), Set.of(UffdMode.WP, UffdMode.MISSING, UffdMode.MINOR)),
                call("uffd-register 0 4 missing+wp+minor"));
        assertEquals(new MemoryCall.UffdUnregister(pages(0, 4)), call("uffd-unregister 0 4"));
        assertEquals(new MemoryCall.UffdZeropage(pages(0, 4)), call("uffd-zeropage 0 4"));
        assertEquals(new MemoryCall.UffdContinue(pages(0, 4)), call("uffd-continue 0 4"));
        assertEquals(new MemoryCall.UffdPoison(pages(0, 4)), call("uffd-poison 0 4"));
        assertEquals(new MemoryCall.UffdWriteProtect(pages(0, 4), true), call("uffd-wp 0 4"));
        assertEquals(new MemoryCall.UffdWriteProtect(pages(0, 4), false), call("uffd-unwp 0 4"));
        assertEquals(new MemoryCall.UffdMove(Arena.toPage(5), Arena.toPage(105), 1), call("uffd-move 5 105 1"));
    }

    @Test
    void filePagesAreNotMovedIntoTheArena() {
        assertEquals(new MemoryCall.PunchHole("f", new PageRange(2, 1)), call("punch-hole f 2 1"));
        assertEquals(new MemoryCall.Fallocate("f", new PageRange(2, 1)), call("fallocate f 2 1"));
        assertEquals(new MemoryCall.Ftruncate("f", 12), call("ftruncate f 12"));
        assertEquals(new MachineCall.SplitFile("f", new PageRange(0, 1), 0, 200), machine("split-file f 0 1 0 200"));
        assertEquals(new MachineCall.SplitFile("f", new PageRange(0, 1), 0, -1), machine("split-file f 0 1"));
    }

    @Test
    void numa() {
        assertEquals(new MemoryCall.Cpu(3), call("cpu 3"));
        assertEquals(new MemoryCall.SetMempolicy(new NumaPolicy("default", Set.of(), List.of())),
                call("mempolicy default"));
        assertEquals(new MemoryCall.SetMempolicy(new NumaPolicy("preferred", Set.of(), List.of())),
                call("mempolicy preferred -"));
        assertEquals(new MemoryCall.SetMempolicy(
                new NumaPolicy("weighted-interleave", Set.of("static", "balancing"), List.of(0, 2))),
                call("mempolicy weighted-interleave+static+balancing 0,2"));
        assertEquals(new MemoryCall.Mbind(pages(0, 16), new NumaPolicy("bind", Set.of(), List.of(1)),
                Set.of("move", "strict")), call("mbind 0 16 bind 1 move strict"));
        assertEquals(new MemoryCall.Mbind(pages(0, 16), new NumaPolicy("local", Set.of(), List.of()), Set.of("moveall")),
                call("mbind 0 16 local moveall"));
        assertEquals(new MemoryCall.SetHomeNode(pages(0, 16), 2), call("home-node 0 16 2"));
        assertEquals(new MemoryCall.MigratePages(List.of(0, 1), List.of(2)), call("migrate-pages 0,1 2"));
        assertEquals(new MemoryCall.MovePages(pages(0, 16), 1, true), call("move-pages 0 16 1 all"));
        assertEquals(new MemoryCall.MovePages(pages(0, 16), -1, false), call("move-pages 0 16 -"));
        assertEquals(new MemoryCall.NumaScan(), call("numa-scan"));
        assertEquals(new MemoryCall.Split(pages(0, 1), 0, -1), call("split 0 1"));
        assertEquals(new MemoryCall.Split(pages(0, 1), 4, 100), call("split 0 1 4 100"));
    }

    @Test
    void machineCalls() {
        assertEquals(new MachineCall.KsmScan(4), machine("ksm-scan"));
        assertEquals(new MachineCall.KsmScan(2), machine("ksm-scan 2"));
        assertEquals(new MachineCall.KhugepagedScan(3), machine("khugepaged-scan"));
        assertEquals(new MachineCall.ShrinkSlab(), machine("shrink-slab"));
        assertEquals(new MachineCall.Reclaim(), machine("reclaim"));
        assertEquals(new MachineCall.Set("thp", "never"), machine("set thp never"));
        assertEquals(new MachineCall.Set("mthp 64k", "madvise"), machine("set mthp  64k\tmadvise"));
        assertEquals("set mthp 64k madvise", parse(" set mthp  64k\tmadvise").text());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "p0 madvise 0 4 dontned | did you mean 'dontneed'?",
        "p0 munmp 0 4 | did you mean 'munmap'?",
        "p0 mmap 0 4 rw privat anon | did you mean 'private'?",
        "p0 mmap 0 4 rw private memfd:g | it makes f",
        "p0 mmap 0 4 rw private anon lockd | did you mean 'locked'?",
        "p0 mmap 0 4 rq private anon | letters of 'rwx'",
        "p0 mbind 0 4 bnd 1 | did you mean 'bind'?",
        "p0 mbind 0 4 bind+statik 1 | did you mean 'static'?",
        "p0 mbind 0 4 bind 1 stric | did you mean 'strict'?",
        "p0 uffd-register 0 4 wp+mising | did you mean 'missing'?",
        "p0 read 0 | ends where a number of pages should be",
        "p0 read 0 4 5 | has '5' after its end",
        "p0 read -1 4 | decimal number from 0",
        "p0 read 0 99999999999999999999 | decimal number from 0",
        "p0 write 0 4 tag x | is not a tag",
        "p0 write 0 4 tga 3 | did you mean 'tag'?",
        "p0 mremap 0 4 4 dontunmap | has dontunmap without fixed",
        "p0 fork p0 | children are p1",
        "p0 split 0 1 12 | is not an order",
        "p40 read 0 1 | unknown statement 'p40'",
        "ksmscan | did you mean 'ksm-scan'?",
        "set mthp 63k always | did you mean 'mthp 64k'?",
        "set swapines 3 | did you mean 'swappiness'?",
        "p0 | ends where an operation should be",
    })
    void whatIsNoStatementIsBadInputThatHelps(String text, String part) {
        BadInput bad = assertThrows(BadInput.class, () -> parse(text));
        assertTrue(bad.getMessage().startsWith("s.scn:3: '"), bad.getMessage());
        assertTrue(bad.getMessage().contains(part), bad.getMessage());
    }

    static List<Path> scenarios() {
        return RecordedFiles.scenarios();
    }

    /** Method: the recording repeats the scenario's header and body; both ways of reading must give the same. */
    @ParameterizedTest
    @MethodSource("scenarios")
    void aScenarioAndItsRecordingSayTheSame(Path file) {
        ScenarioReader.Scenario scenario = ScenarioReader.parse(file.toString(), RecordedFiles.text(file));
        String name = file.getFileName().toString().replace(".scn", ".json");
        Recording recording = RecordingReader.read(file.getParent().getParent().resolve("truth").resolve(name));
        assertEquals(recording.steps().stream().map(Recording.Step::text).toList(), scenario.lines());
        assertEquals(recording.steps().stream().filter(Recording.Operation.class::isInstance)
                .map(step -> ((Recording.Operation) step).statement()).toList(), scenario.statements());
        assertEquals(recording.header().name(), scenario.header().name());
        assertEquals(recording.header().about(), scenario.header().about());
        assertEquals(recording.header().requires(), scenario.header().requires());
        assertEquals(recording.header().settings(), scenario.header().settings());
        assertEquals(recording.header().memfds(), scenario.header().memfds());
        assertEquals(recording.header().fillNode(), scenario.header().fillNode());
        assertTrue(recording.header().noisy().containsAll(scenario.header().noisy()));
    }
}
