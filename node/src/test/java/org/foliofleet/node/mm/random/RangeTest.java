package org.foliofleet.node.mm.random;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.foliofleet.node.mm.cache.AddressSpace;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.numa.Content;
import org.foliofleet.node.mm.numa.Folio;
import org.foliofleet.node.mm.numa.NumaNode;
import org.foliofleet.node.mm.process.Process;
import org.foliofleet.node.mm.vma.Vma;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.ProcessCommand;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.program.Advice;
import org.foliofleet.protocol.program.Backing;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.MemoryCall;
import org.junit.jupiter.api.Test;

/**
 * Goal: an access to a range leaves the same state as accesses to its pages one by one, and so do calls where the kernel
 * has no reason to treat a range otherwise. Method: random programs with anonymous memory and files, run both ways; the
 * states of all owners are compared item by item.
 */
class RangeTest {
    private static final Pattern VMA = Pattern.compile("vma (\\d+)\\.\\d+");
    private static final long PLENTY = 1 << 14;
    /** No advice: those on whole blocks free page tables, which decides about later faults. */
    private static final Set<Advice> UNMAPPING = Set.of();
    private static final int PROGRAMS = Integer.getInteger("programs", 150);

    @Test
    void anAccessToARangeIsLikeAccessesToItsPages() {
        RandomProgramTest.forEachSeed(PROGRAMS, seed -> {
            RandomProgram program = RandomProgram.of(seed, RandomProgram.Flavor.ANY);
            if (isShort(program)) {
                return; // what is taken away then depends on the frames
            }
            Machine whole = new ProgramRun(program).machine();
            Machine single = new ProgramRun(program).machine();
            for (int i = 0; i < program.steps().size(); i++) {
                RandomProgram.Step step = program.steps().get(i);
                execute(whole, step.process(), step.call());
                for (MemoryCall part : pages(step.call())) {
                    if (!(execute(single, step.process(), part) instanceof CallResult.Ok)) {
                        break; // a signal, which would have ended the access to the range
                    }
                }
                int number = i;
                assertSame(state(whole), state(single), () -> "after step " + number + " of " + program);
            }
        });
    }

    @Test
    void aCallOnARangeIsLikeCallsOnItsPages() {
        RandomProgramTest.forEachSeed(PROGRAMS, seed -> compareCalls(RandomProgram.of(seed, RandomProgram.Flavor.SMALL_FOLIOS), Set.of(Advice.values())));
    }

    @Test
    void largeFoliosThatGoPageByPageAreGoneInTheEnd() {
        RandomProgramTest.forEachSeed(PROGRAMS, seed -> compareCalls(RandomProgram.of(seed, RandomProgram.Flavor.ANY), UNMAPPING));
    }

    /** Whether memory may run out, of the machine or of a cgroup. */
    private static boolean isShort(RandomProgram program) {
        return program.topology().nodes().get(0).frames() < PLENTY || program.isInCgroup() && program.cgroupPages() > 0;
    }

    private static void assertSame(List<String> whole, List<String> single, Supplier<String> where) {
        if (!whole.equals(single)) {
            Set<String> ofWhole = new HashSet<>(whole);
            whole.removeAll(new HashSet<>(single));
            single.removeAll(ofWhole);
            assertEquals(String.join("\n", single), String.join("\n", whole), where);
        }
    }

    /** Calls that succeed are made on the range and on its pages; the others end where they fail, so they are made on the range. */
    private static void compareCalls(RandomProgram program, Set<Advice> advices) {
        if (isShort(program)) {
            return;
        }
        Machine whole = new ProgramRun(program).machine();
        Machine single = new ProgramRun(program).machine();
        for (int i = 0; i < program.steps().size(); i++) {
            RandomProgram.Step step = program.steps().get(i);
            if (advices == UNMAPPING && step.call() instanceof MemoryCall.Fork) {
                return; // whether a folio counts as shared depends on how its mappings came and went
            }
            if (step.call() instanceof MemoryCall.Mmap map && map.backing() instanceof Backing.Device) {
                continue; // its VMAs, once cut, never merge again
            }
            if (step.call() instanceof MemoryCall.Madvise advise && advise.advice() == Advice.COLLAPSE) {
                continue; // it needs a page table, and those without entries are freed only where a call covers them whole
            }
            boolean ok = execute(whole, step.process(), step.call()) instanceof CallResult.Ok;
            for (MemoryCall part : ok ? callsOnPages(step.call(), advices) : List.of(step.call())) {
                execute(single, step.process(), part);
            }
            int number = i;
            assertSame(withoutCounters(whole), withoutCounters(single), () -> "after step " + number + " of " + program);
        }
    }

    /** The call cut into single pages, if it is one that changes mappings of a range. */
    private static List<MemoryCall> callsOnPages(MemoryCall call, Set<Advice> advices) {
        if (call instanceof MemoryCall.Munmap munmap) {
            return each(munmap.range(), MemoryCall.Munmap::new);
        } else if (call instanceof MemoryCall.Madvise madvise && advices.contains(madvise.advice()) && madvise.advice() != Advice.COLLAPSE) {
            return each(madvise.range(), page -> new MemoryCall.Madvise(page, madvise.advice()));
        } else if (advices == UNMAPPING) {
            return List.of(call);
        } else if (call instanceof MemoryCall.Mprotect protect) {
            return each(protect.range(), page -> new MemoryCall.Mprotect(page, protect.protection()));
        } else if (call instanceof MemoryCall.Mlock lock && lock.onFault()) {
            // others populate: VMAs that come by different anon_vmas page by page do not merge again
            return each(lock.range(), page -> new MemoryCall.Mlock(page, lock.onFault()));
        } else if (call instanceof MemoryCall.Munlock unlock) {
            return each(unlock.range(), MemoryCall.Munlock::new);
        } else if (call instanceof MemoryCall.PunchHole punch) {
            return each(punch.range(), page -> new MemoryCall.PunchHole(punch.file(), page));
        } else if (call instanceof MemoryCall.Fallocate allocate) {
            return each(allocate.range(), page -> new MemoryCall.Fallocate(allocate.file(), page));
        }
        return List.of(call);
    }

    private static List<MemoryCall> each(PageRange range, Function<PageRange, MemoryCall> call) {
        List<MemoryCall> calls = new ArrayList<>();
        for (long page = range.start(); page < range.end(); page++) {
            calls.add(call.apply(new PageRange(page, 1)));
        }
        return calls;
    }

    /** Counters tell of the number of calls, as do the serial numbers of VMAs. */
    private static List<String> withoutCounters(Machine machine) {
        List<String> items = state(machine);
        items.removeAll(new HashSet<>(counters(machine)));
        items.replaceAll(item -> VMA.matcher(item).replaceAll("vma $1"));
        items.sort(null);
        return items;
    }

    private static List<String> counters(Machine machine) {
        List<String> items = new ArrayList<>();
        machine.counters().forEach((name, value) -> items.add(name + " " + value));
        return items;
    }

    private static CallResult execute(Machine machine, String process, MemoryCall call) {
        ProcessId id = machine.namespace().process(process);
        if (id == null || !(machine.owner(id) instanceof Process owner) || !owner.isAlive()) {
            return CallResult.OK;
        }
        return machine.request(id, new ProcessCommand.Execute(call));
    }

    private static List<MemoryCall> pages(MemoryCall call) {
        List<MemoryCall> pages = new ArrayList<>();
        if (call instanceof MemoryCall.Read read) {
            for (long page = read.range().start(); page < read.range().end(); page++) {
                pages.add(new MemoryCall.Read(new PageRange(page, 1)));
            }
        } else if (call instanceof MemoryCall.Write write) {
            for (long page = write.range().start(); page < write.range().end(); page++) {
                pages.add(new MemoryCall.Write(new PageRange(page, 1), write.content()));
            }
        } else {
            pages.add(call);
        }
        return pages;
    }

    /** Everything that does not depend on which frames the allocator gave. */
    private static List<String> state(Machine machine) {
        List<String> items = new ArrayList<>();
        for (Owner owner : machine.owners()) {
            if (owner instanceof Vma vma && vma.info() != null) {
                items.add(vma.info().toString());
                vma.pages().forEach((start, count, entry) -> {
                    for (long page = start; page < start + count; page++) {
                        items.add(owner.id() + " " + page + " " + entry.state() + " " + entry.flags() + folio(machine, entry, page));
                    }
                });
            } else if (owner instanceof AddressSpace space) {
                items.add(owner.id() + " " + space.size());
                space.pages().forEach((start, count, cached) -> {
                    for (long page = start; page < start + count; page++) {
                        items.add(owner.id() + " " + page + " " + cached.uptodate() + " " + cached.swapped()
                                + folio(machine, new Pte(cached.swapped() ? Pte.State.SWAP : Pte.State.PRESENT, cached.delta(), cached.order(), 0), page));
                    }
                });
            }
        }
        items.addAll(counters(machine));
        items.sort(null);
        return items;
    }

    private static String folio(Machine machine, Pte entry, long page) {
        if (!entry.isPresent()) {
            return "";
        }
        long frame = entry.frame(page);
        NumaNode node = machine.node(Frame.node(frame));
        Folio folio = node.folio(frame);
        int index = (int) (frame - Frame.head(frame, folio.order()));
        Content content = node.contents().get(frame);
        return " of order " + folio.order() + " flags " + folio.flags() + " mapped " + folio.pageMapcount(index) + " of " + folio.mapcount()
                + " pins " + folio.pins() + " gets " + folio.gets() + " mlocks " + folio.mlockCount() + " mapping " + folio.mapping() + " index "
                + (frame + folio.indexDelta()) + " mms " + folio.mm0() + "*" + folio.mm0Count() + " " + folio.mm1() + "*" + folio.mm1Count()
                + " content " + (content == null ? "" : content.tag() + " of " + content.sourceOf(frame));
    }
}
