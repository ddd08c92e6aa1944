package org.foliofleet.node.conformance;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.foliofleet.node.mm.cache.AddressSpace;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.numa.Content;
import org.foliofleet.node.mm.ksm.Ksmd;
import org.foliofleet.node.mm.numa.FolioAccounting;
import org.foliofleet.node.mm.numa.NumaNode;
import org.foliofleet.node.mm.vma.ThpEligibility;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.KsmdId;
import org.foliofleet.protocol.id.OwnerId.AddressSpaceId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.Mempolicy;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.program.Protection;

/** What a machine's state looks like through {@code /proc}. */
final class MachineView implements ModelView {
    /** Name of shared anonymous memory in recordings. */
    private static final String SHARED_ANONYMOUS = "shmem";

    private final Machine machine;
    private final FolioKeys keys;
    private final List<String> memfdNames;
    /** Frames whose page is mapped exclusively (PageAnonExclusive), found while the page tables are read. */
    private final Set<Long> exclusive = new TreeSet<>();
    private final List<Process> processes = new ArrayList<>();

    MachineView(Machine machine, FolioKeys keys, List<String> memfdNames) {
        this.machine = machine;
        this.keys = keys;
        this.memfdNames = memfdNames;
        machine.namespace().processes().entrySet().stream()
                .sorted(Comparator.comparingInt(e -> e.getValue().number()))
                .forEach(e -> {
                    Owner owner = machine.owner(e.getValue());
                    if (owner instanceof org.foliofleet.node.mm.process.Process process && process.isAlive()) {
                        processes.add(process(e.getKey(), process));
                    }
                });
    }

    @Override
    public List<Process> processes() {
        return processes;
    }

    private Process process(String name, org.foliofleet.node.mm.process.Process process) {
        List<Vma> vmas = new ArrayList<>();
        process.vmas().forEach(info -> vmas.add(vma(process, info)));
        return new Process(name, vmas);
    }

    private Vma vma(org.foliofleet.node.mm.process.Process process, VmaInfo info) {
        org.foliofleet.node.mm.vma.Vma owner = (org.foliofleet.node.mm.vma.Vma) machine.owner(info.id());
        List<PageRun> runs = new ArrayList<>();
        owner.pages().forEach((start, count, entry) -> add(runs, start, count, entry));
        Protection protection = new Protection(info.has(VmaFlags.READ), info.has(VmaFlags.WRITE), info.has(VmaFlags.EXEC));
        String of = info.isAnonymous() ? "anon" : fileName(addressSpace(info.file()));
        boolean eligible;
        List<PageRange> evicted = List.of();
        List<PageRange> holes = List.of();
        if (info.isAnonymous()) {
            eligible = ThpEligibility.isEligible(info, machine.settings(), process.task().thp());
        } else {
            AddressSpace space = addressSpace(info.file());
            eligible = space.isShmem() && ThpEligibility.isShmemEligible(info, space.size(), machine.settings(), process.task().thp());
            evicted = MemfdView.evicted(info, space);
            holes = evicted.isEmpty() ? holes : PageTableHoles.of(owner, tablesOf(process));
        }
        return new Vma(PageRange.between(info.start(), info.end()), protection, info.has(VmaFlags.MAYSHARE), of, info.pageOffset(), policy(process, info),
                flags(info.flags()), eligible, runs, evicted, holes);
    }

    private List<org.foliofleet.node.mm.vma.Vma> tablesOf(org.foliofleet.node.mm.process.Process process) {
        List<org.foliofleet.node.mm.vma.Vma> all = new ArrayList<>();
        process.vmas().forEach(info -> all.add((org.foliofleet.node.mm.vma.Vma) machine.owner(info.id())));
        return all;
    }

    /** {@code show_numa_map()}. */
    private String policy(org.foliofleet.node.mm.process.Process process, VmaInfo info) {
        Mempolicy own = info.isAnonymous() ? info.policy() : addressSpace(info.file()).policy(info.pageOffset());
        Mempolicy policy = own != null ? own : process.task().policy();
        return policy == null ? "default" : policy.word();
    }

    private static String fileName(AddressSpace space) {
        return space.name().isEmpty() ? SHARED_ANONYMOUS : space.name();
    }

    private void add(List<PageRun> runs, long start, long count, Pte entry) {
        PageRange range = new PageRange(start, count);
        switch (entry.state()) {
            case ZERO -> runs.add(PageRun.zero(range, entry.isPmd(), entry.has(Pte.UFFD_WP)));
            case SWAP -> {
                for (long page = start; page < start + count; page++) {
                    runs.add(PageRun.swapped(new PageRange(page, 1), entry.has(Pte.UFFD_WP), swapCount(entry.frame(page))));
                }
            }
            case GUARD -> runs.add(PageRun.marker(range, EntryState.GUARD, false));
            case POISON -> runs.add(PageRun.marker(range, EntryState.POISON, false));
            case WP_MARKER -> runs.add(PageRun.marker(range, EntryState.WP_MARKER, true));
            case MIGRATION -> runs.add(PageRun.marker(range, EntryState.MIGRATION, false));
            case PRESENT -> {
                for (long page = start; page < start + count; page++) {
                    runs.add(present(page, entry));
                }
            }
        }
    }

    private long swapCount(long swapEntry) {
        return machine.swap().references(swapEntry);
    }

    private PageRun present(long page, Pte entry) {
        long frame = entry.frame(page);
        if (entry.has(Pte.EXCLUSIVE)) {
            exclusive.add(frame);
        }
        NumaNode node = machine.node(Frame.node(frame));
        org.foliofleet.node.mm.numa.Folio folio = node.folio(frame);
        int index = (int) (frame - Frame.head(frame, folio.order()));
        Content content = node.contents().get(frame);
        return new PageRun(new PageRange(page, 1), EntryState.PRESENT, entry.isPmd(), entry.has(Pte.UFFD_WP), entry.has(Pte.DIRTY),
                new FolioAccounting(node.rules()).pageMapcount(folio, index), keys.key(frame), 0, folio.order(), index, keys.page(frame), Frame.node(frame),
                content == null ? 0 : content.tag(), content == null ? -1 : content.sourceOf(frame));
    }

    @Override
    public Sharing sharing(PageRun run) {
        long frame = keys.frame(run.folioKey());
        org.foliofleet.node.mm.numa.Folio folio = machine.node(run.node()).folio(frame);
        FolioAccounting accounting = new FolioAccounting(machine.node(run.node()).rules());
        return new Sharing(accounting.pss(folio, (int) run.index()), accounting.isShared(folio, (int) run.index()));
    }

    private Set<String> flags(long flags) {
        Set<String> words = new TreeSet<>();
        word(words, flags, VmaFlags.ACCOUNT, "ac");
        word(words, flags, VmaFlags.LOCKED, "lo");
        word(words, flags, VmaFlags.LOCKONFAULT, "lf");
        word(words, flags, VmaFlags.HUGEPAGE, "hg");
        word(words, flags, VmaFlags.NOHUGEPAGE, "nh");
        word(words, flags, VmaFlags.MERGEABLE, "mg");
        word(words, flags, VmaFlags.UFFD_MISSING, "um");
        word(words, flags, VmaFlags.UFFD_WP, "uw");
        word(words, flags, VmaFlags.UFFD_MINOR, "ui");
        word(words, flags, VmaFlags.WIPEONFORK, "wf");
        word(words, flags, VmaFlags.DONTCOPY, "dc");
        word(words, flags, VmaFlags.SHARED, "sh");
        word(words, flags, VmaFlags.MAYSHARE, "ms");
        if (machine.settings().guardFlagShown()) {
            word(words, flags, VmaFlags.MAYBE_GUARD, "gu");
        }
        word(words, flags, VmaFlags.GROWSDOWN, "gd");
        word(words, flags, VmaFlags.NORESERVE, "nr");
        word(words, flags, VmaFlags.SEQ_READ, "sr");
        word(words, flags, VmaFlags.RAND_READ, "rr");
        word(words, flags, VmaFlags.DONTDUMP, "dd");
        return words;
    }

    private static void word(Set<String> words, long flags, long flag, String word) {
        if ((flags & flag) != 0) {
            words.add(word);
        }
    }

    @Override
    public Optional<Folio> folio(long key) {
        long frame = keys.frame(key);
        if (frame < 0) {
            return Optional.empty();
        }
        org.foliofleet.node.mm.numa.Folio folio = machine.node(Frame.node(frame)).folio(frame);
        if (folio == null) {
            return Optional.empty();
        }
        Set<String> words = new TreeSet<>();
        word(words, folio.flags(), org.foliofleet.node.mm.numa.Folio.ANON, "anon");
        word(words, folio.flags(), org.foliofleet.node.mm.numa.Folio.KSM, "ksm");
        word(words, folio.flags(), org.foliofleet.node.mm.numa.Folio.SWAPBACKED, "swapbacked");
        word(words, folio.flags(), org.foliofleet.node.mm.numa.Folio.SWAPCACHE, "swapcache");
        word(words, folio.flags(), org.foliofleet.node.mm.numa.Folio.MLOCKED, "mlocked");
        word(words, folio.flags(), org.foliofleet.node.mm.numa.Folio.UNEVICTABLE, "unevictable");
        word(words, folio.flags(), org.foliofleet.node.mm.numa.Folio.LRU, "lru");
        word(words, folio.flags(), org.foliofleet.node.mm.numa.Folio.DIRTY, "dirty");
        if (folio.isLarge()) {
            words.add("thp");
        }
        if (exclusive.contains(frame) || folio.has(org.foliofleet.node.mm.numa.Folio.STALE_EXCLUSIVE)) {
            words.add("exclusive0");
        }
        return Optional.of(new Folio(key, folio.order(), Frame.node(frame), words));
    }

    @Override
    public boolean awaitsLru(long key) {
        long frame = keys.frame(key);
        org.foliofleet.node.mm.numa.Folio folio = frame < 0 ? null : machine.node(Frame.node(frame)).folio(frame);
        return folio != null && !folio.isAnon() && keys.awaitsLru(frame) && folio.references() == folio.pages();
    }

    @Override
    public List<Memfd> memfds() {
        return memfdNames.stream().map(name -> MemfdView.of(name, addressSpace(machine.namespace().file(name)))).toList();
    }

    private AddressSpace addressSpace(AddressSpaceId file) {
        return (AddressSpace) machine.owner(file);
    }

    @Override
    public Map<String, Long> ksm() {
        if (!(machine.owner(new KsmdId()) instanceof Ksmd ksmd)) {
            return Map.of();
        }
        long[] zeros = {0};
        machine.owners().forEach(owner -> {
            if (owner instanceof org.foliofleet.node.mm.vma.Vma vma) {
                vma.pages().forEach((start, count, entry) ->
                        zeros[0] += entry.state() == Pte.State.ZERO && entry.has(Pte.DIRTY) ? count : 0);
            }
        });
        Map<String, Long> statistics = new TreeMap<>(ksmd.statistics());
        statistics.put("ksm_zero_pages", zeros[0]);
        return statistics;
    }
}
