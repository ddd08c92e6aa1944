package org.foliofleet.node.conformance;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.foliofleet.node.conformance.Observation.FolioState;
import org.foliofleet.node.conformance.Observation.MemfdState;
import org.foliofleet.node.conformance.Observation.ProcessState;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.Errno;
import org.foliofleet.protocol.program.MachineCall;
import org.foliofleet.protocol.program.MemoryCall;

/**
 * A model that does what a recording says: it answers with the recorded results and shows, before each observation, the
 * recorded state. Folio keys are the recorded numbers, of which it tells the numbering; the bits that no recording holds
 * (dirty entries, swap counts) it chooses so that the smaps come out, see {@link RecordedVma}.
 */
final class RecordedModel implements ModelUnderTest {
    private final Recording recording;
    private final FolioNumbering numbering;
    private int next;

    RecordedModel(Recording recording, FolioNumbering numbering) {
        this.recording = recording;
        this.numbering = numbering;
    }

    /** Replays a recording on a model that repeats another one. */
    static ScenarioResult replay(Recording recording, Recording repeated) {
        FolioNumbering numbering = new FolioNumbering();
        return new ScenarioReplay(recording, new RecordedModel(repeated, numbering), numbering).run();
    }

    @Override
    public void start(RecordingHeader header) {
        next = 0;
    }

    @Override
    public CallResult execute(String process, MemoryCall call) {
        return answer();
    }

    @Override
    public CallResult execute(MachineCall call) {
        return answer();
    }

    private CallResult answer() {
        while (recording.steps().get(next) instanceof Recording.Observed) {
            next++;
        }
        Outcome outcome = ((Recording.Operation) recording.steps().get(next++)).outcome();
        String result = outcome.result();
        if (result.startsWith("SIG")) {
            return new CallResult.Signal(result.startsWith("SIGBUS"),
                    Arena.toPage(Long.parseLong(result.substring(result.indexOf('@') + 1))));
        }
        if (outcome.left() >= 0) {
            return new CallResult.Moved(outcome.left(), outcome.status().stream().map(run -> new CallResult.PageStatus(
                    Arena.toPage(run.at()), run.count(), run.node(), run.error())).toList());
        }
        return result.equals("ok") ? CallResult.OK : new CallResult.Failed(Errno.valueOf(result));
    }

    @Override
    public Map<String, Long> counters() {
        Map<String, Long> sums = new TreeMap<>();
        int upTo = next;
        for (int i = 0; i < recording.steps().size() && (i < next || i == upTo); i++) {
            if (recording.steps().get(i) instanceof Recording.Observed observed) {
                observed.observation().counters().forEach((name, change) -> sums.merge(name, change, Long::sum));
            }
        }
        return next == 0 ? Map.of() : sums;
    }

    @Override
    public ModelView view() {
        boolean observed = next < recording.steps().size() && recording.steps().get(next) instanceof Recording.Observed;
        return observed ? shown(((Recording.Observed) recording.steps().get(next)).observation()) : new Shown(
                List.of(new ModelView.Process("p0", List.of())), allFoliosUpTo(next), List.of(), Map.of());
    }

    /** Between observations nothing is known about mappings; every folio of a later observation stays known. */
    private Map<Long, ModelView.Folio> allFoliosUpTo(int step) {
        Map<Long, ModelView.Folio> folios = new HashMap<>();
        for (Recording.Step some : recording.steps()) {
            if (some instanceof Recording.Observed observed) {
                folios.putAll(folios(observed.observation()));
            }
        }
        return folios;
    }

    private ModelView shown(Observation observation) {
        Map<Long, ModelView.Folio> folios = folios(observation);
        for (FolioState run : observation.folios()) {
            for (long k = 0; k < run.count(); k++) {
                numbering.assign(run.id() + k, run.id() + k, run.splitFrom(), run.splitAtOf(k));
            }
        }
        List<ModelView.Process> processes = new ArrayList<>();
        for (ProcessState process : observation.processes()) {
            processes.add(new ModelView.Process(process.name(),
                    process.vmas().stream().map(vma -> RecordedVma.of(vma, folios)).toList()));
        }
        List<ModelView.Memfd> memfds = new ArrayList<>();
        for (MemfdState memfd : observation.memfds()) {
            memfds.add(new ModelView.Memfd(memfd.name(), memfd.pages(), memfd.blocks(), memfd.cached(), memfd.evicted(),
                    List.<PageRange>copyOf(memfd.data())));
        }
        return new Shown(processes, folios, memfds, observation.ksm().orElse(Map.of()));
    }

    private static Map<Long, ModelView.Folio> folios(Observation observation) {
        Map<Long, ModelView.Folio> folios = new HashMap<>();
        for (FolioState run : observation.folios()) {
            for (long k = 0; k < run.count(); k++) {
                folios.put(run.id() + k, new ModelView.Folio(run.id() + k, run.order(), run.node(), run.flags()));
            }
        }
        return folios;
    }

    private record Shown(List<ModelView.Process> processes, Map<Long, ModelView.Folio> folios,
            List<ModelView.Memfd> memfds, Map<String, Long> ksm) implements ModelView {
        @Override
        public Optional<ModelView.Folio> folio(long key) {
            return Optional.ofNullable(folios.get(key));
        }
    }
}
