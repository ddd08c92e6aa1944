package org.foliofleet.node.conformance;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.Set;
import org.foliofleet.node.conformance.Difference.Category;
import org.foliofleet.node.conformance.DifferenceList.Place;
import org.foliofleet.node.conformance.Observation.FolioState;
import org.foliofleet.node.conformance.Observation.MemfdState;
import org.foliofleet.node.conformance.Observation.PageState;
import org.foliofleet.node.conformance.Observation.ProcessState;
import org.foliofleet.node.conformance.Observation.VmaState;

/**
 * Compares what a model shows with what a kernel showed, value by value: nothing that is recorded is left out, and the
 * order is VMAs, smaps and pages of each process, then folios, memfds, counters and KSM.
 */
final class ObservationDiff {
    private static final RunSweep<VmaState> VMAS = new RunSweep<>(VmaState::start, vma -> vma.start() + vma.length());
    private static final RunSweep<FolioState> FOLIOS = new RunSweep<>(FolioState::id, run -> run.id() + run.count());

    private final Observation kernel;
    private final Observation model;
    private final String path;
    private final CounterNames counterNames;
    private final DifferenceList list;

    /**
     * @param step number of the step, from 1
     * @param op   text that names the step
     */
    ObservationDiff(int step, String op, RecordingHeader header, CounterNames counterNames, Observation kernel,
            Observation model) {
        this.kernel = kernel;
        this.model = model;
        this.path = "steps[" + (step - 1) + "]";
        this.counterNames = counterNames;
        this.list = new DifferenceList(step, op, header.unstable());
    }

    List<Difference> compare() {
        compareProcesses();
        if (!list.isUnstable(path + ".folios")) {
            compareFolios();
        }
        compareMemfds();
        compareNumbers(Category.COUNTERS, "counters", withoutNoise(kernel.counters()), model.counters());
        kernel.ksm().ifPresent(numbers -> compareNumbers(Category.KSM, "ksm", numbers, model.ksm().orElse(Map.of())));
        return list.differences();
    }

    private void compareProcesses() {
        Map<String, ProcessState> modelProcesses = new TreeMap<>();
        model.processes().forEach(process -> modelProcesses.put(process.name(), process));
        for (ProcessState process : kernel.processes()) {
            ProcessState other = modelProcesses.remove(process.name());
            if (list.isUnstable(path + ".procs." + process.name())) {
                continue;
            }
            if (other == null) {
                list.add(new Place(Category.VMA, process.name(), "", path), "procs", "it lives", "it does not live");
            } else {
                compareVmas(process, other);
            }
        }
        for (String name : modelProcesses.keySet()) {
            if (!list.isUnstable(path + ".procs." + name)) {
                list.add(new Place(Category.VMA, name, "", path), "procs", "it does not live", "it lives");
            }
        }
    }

    private void compareVmas(ProcessState process, ProcessState other) {
        String processPath = path + ".procs." + process.name();
        Map<Long, Integer> indexes = new TreeMap<>();
        for (int i = 0; i < process.vmas().size(); i++) {
            indexes.put(process.vmas().get(i).start(), i);
        }
        Set<VmaState> compared = new TreeSet<>(Comparator.comparingLong(VmaState::start));
        VMAS.sweep(process.vmas(), other.vmas(), new RunSweep.Visitor<>() {
            @Override
            public void both(VmaState kernelVma, VmaState modelVma, long from, long end) {
                if (compared.add(kernelVma)) {
                    compareVma(process.name(), processPath + "[" + indexes.get(kernelVma.start()) + "]", kernelVma,
                            modelVma);
                } else if (modelVma.start() == from) {
                    list.add(new Place(Category.VMA, process.name(), "VMA " + kernelVma.describe(), processPath), "len",
                            "it reaches on beyond page " + from, "another VMA starts there: " + modelVma.describe());
                }
            }

            @Override
            public void one(VmaState vma, boolean kernelHas, long from, long end, RunSweep.Gap gap) {
                String field = gap == RunSweep.Gap.ENDS_EARLY ? "len" : "start";
                list.add(new Place(Category.VMA, process.name(), "pages " + from + "-" + (end - 1), processPath), field,
                        kernelHas ? "VMA " + vma.describe() : "no VMA", kernelHas ? "no VMA" : "VMA " + vma.describe());
            }
        });
        new PageDiff(list, process, other, processPath).compare();
    }

    private void compareVma(String process, String vmaPath, VmaState vma, VmaState other) {
        Place place = new Place(Category.VMA, process, "VMA " + vma.describe(), vmaPath);
        list.compare(place, "start", vma.start(), other.start());
        list.compare(place, "len", vma.length(), other.length());
        list.compare(place, "prot", vma.protection(), other.protection());
        list.compare(place, "map", vma.map(), other.map());
        list.compare(place, "of", vma.of(), other.of());
        list.compare(place, "pgoff", vma.pageOffset(), other.pageOffset());
        list.compare(place, "policy", vma.policy(), other.policy());
        list.compareWords(place, "flags", vma.flags(), other.flags());
        if (list.isUnstable(vmaPath + ".smaps")) {
            return;
        }
        Place smaps = new Place(Category.SMAPS, process, "VMA " + vma.describe(), vmaPath + ".smaps");
        for (String name : names(vma.smaps(), other.smaps())) {
            list.compare(smaps, name, vma.smaps().getOrDefault(name, 0L), other.smaps().getOrDefault(name, 0L),
                    name.equals("THPeligible") ? "" : " kB");
        }
    }

    private void compareFolios() {
        List<FolioState> runs = kernel.folios();
        Set<Long> firstPageMapped = firstPagesMapped(kernel);
        FOLIOS.sweep(runs, model.folios(), new RunSweep.Visitor<>() {
            @Override
            public void both(FolioState folio, FolioState other, long from, long end) {
                String place = "folio " + from + (end - from > 1 ? "-" + (end - 1) : "");
                Place at = new Place(Category.FOLIOS, "", place, path + ".folios[" + runs.indexOf(folio) + "]");
                list.compare(at, "order", folio.order(), other.order());
                list.compare(at, "node", folio.node(), other.node());
                compareFlags(at, folio, other, from, end);
                list.compare(at, "split_from", folio.splitFrom(), other.splitFrom());
                list.compare(at, "split_at", folio.splitAtOf(from - folio.id()), other.splitAtOf(from - other.id()));
                list.compare(at, "unmapped", folio.unmapped(), other.unmapped());
            }

            /** The bit exclusive0 says nothing about a folio whose first page nobody maps. */
            private void compareFlags(Place at, FolioState folio, FolioState other, long from, long end) {
                SortedSet<String> flags = new TreeSet<>(folio.flags());
                SortedSet<String> otherFlags = new TreeSet<>(other.flags());
                boolean mapped = false;
                for (long id = from; id < end; id++) {
                    mapped |= firstPageMapped.contains(id);
                }
                if (!mapped) {
                    flags.remove("exclusive0");
                    otherFlags.remove("exclusive0");
                }
                list.compareWords(at, "flags", flags, otherFlags);
            }

            @Override
            public void one(FolioState folio, boolean kernelHas, long from, long end, RunSweep.Gap gap) {
                String place = "folio " + from + (end - from > 1 ? "-" + (end - 1) : "");
                String text = "known, of order " + folio.order() + (folio.unmapped() ? ", unmapped" : "");
                list.add(new Place(Category.FOLIOS, "", place, path + ".folios"),
                        gap == RunSweep.Gap.ENDS_EARLY ? "n" : "id", kernelHas ? text : "no such folio",
                        kernelHas ? "no such folio" : text);
            }
        });
    }

    private static Set<Long> firstPagesMapped(Observation observation) {
        Set<Long> numbers = new TreeSet<>();
        for (ProcessState process : observation.processes()) {
            for (VmaState vma : process.vmas()) {
                for (PageState run : vma.pages()) {
                    long folios = !run.present() ? 0 : run.order() == 0 ? run.count() : run.index() == 0 ? 1 : 0;
                    for (long k = 0; k < folios; k++) {
                        numbers.add(run.folio() + k);
                    }
                }
            }
        }
        return numbers;
    }

    private void compareMemfds() {
        if (list.isUnstable(path + ".memfds")) {
            return;
        }
        List<String> kernelNames = kernel.memfds().stream().map(MemfdState::name).toList();
        List<String> modelNames = model.memfds().stream().map(MemfdState::name).toList();
        list.compare(new Place(Category.MEMFDS, "", "", path + ".memfds"), "name", kernelNames, modelNames);
        for (int i = 0; i < kernel.memfds().size(); i++) {
            MemfdState memfd = kernel.memfds().get(i);
            Optional<MemfdState> found = model.memfds().stream().filter(m -> m.name().equals(memfd.name())).findFirst();
            if (found.isEmpty()) {
                continue;
            }
            MemfdState other = found.get();
            Place place = new Place(Category.MEMFDS, "", "memfd " + memfd.name(), path + ".memfds[" + i + "]");
            list.compare(place, "pages", memfd.pages(), other.pages());
            list.compare(place, "blocks", memfd.blocks(), other.blocks());
            list.compare(place, "cached", memfd.cached(), other.cached());
            list.compare(place, "evicted", memfd.evicted(), other.evicted());
            list.compare(place, "data", memfd.data(), other.data());
        }
    }

    private Map<String, Long> withoutNoise(Map<String, Long> counters) {
        Map<String, Long> kept = new TreeMap<>(counters);
        kept.keySet().removeIf(name -> !counterNames.recorded(name));
        return kept;
    }

    private void compareNumbers(Category category, String field, Map<String, Long> numbers, Map<String, Long> others) {
        Place place = new Place(category, "", "", path + "." + field);
        for (String name : names(numbers, others)) {
            list.compare(place, name, Long.toString(numbers.getOrDefault(name, 0L)),
                    Long.toString(others.getOrDefault(name, 0L)));
        }
    }

    private static List<String> names(Map<String, Long> some, Map<String, Long> others) {
        Set<String> names = new TreeSet<>(some.keySet());
        names.addAll(others.keySet());
        return new ArrayList<>(names);
    }
}
