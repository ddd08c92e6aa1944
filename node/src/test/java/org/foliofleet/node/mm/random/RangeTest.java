package org.foliofleet.node.mm.random;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
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
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.MemoryCall;
import org.junit.jupiter.api.Test;

/**
 * Goal: an access to a range leaves the same state as accesses to its pages one by one. Method: random programs with
 * anonymous memory and files, run both ways; the states of all owners are compared item by item.
 */
class RangeTest {
    private static final long PLENTY = 1 << 14;
    private static final int PROGRAMS = Integer.getInteger("programs", 150);

    @Test
    void anAccessToARangeIsLikeAccessesToItsPages() {
        RandomProgramTest.forEachSeed(PROGRAMS, seed -> {
            RandomProgram program = RandomProgram.of(seed, RandomProgram.Flavor.ANY);
            if (program.topology().nodes().get(0).frames() < PLENTY) {
                return; // where memory is short, what fails depends on the frames
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
                List<String> onlyWhole = state(whole);
                List<String> onlySingle = state(single);
                onlyWhole.removeAll(onlySingle);
                onlySingle.removeAll(state(whole));
                assertEquals(String.join("\n", onlySingle), String.join("\n", onlyWhole), () -> "after step " + number + " of " + program);
            }
        });
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
        machine.counters().forEach((name, value) -> items.add(name + " " + value));
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
