package org.foliofleet.node.conformance;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.foliofleet.protocol.program.MachineCall;
import org.foliofleet.protocol.program.MemoryCall;

/** Which counters a recording holds. */
final class CounterNames {
    private static final List<String> PREFIXES = List.of("thp_", "pglazyfree", "pswp", "swpin_zero", "swpout_zero",
            "unevictable_pgs_", "ksm_swpin_copy", "cow_ksm");
    /** They depend on what ran before, or on how many passes khugepaged made. */
    private static final List<String> SKIPPED = List.of("thp_zero_page_alloc", "thp_scan_exceed");
    private static final Pattern PER_SIZE = Pattern.compile("(8|16|32|64|128|256|512|1024|2048)k\\.(anon_fault_alloc"
            + "|anon_fault_fallback|split|split_failed|split_deferred|nr_anon|nr_anon_partially_mapped|swpin"
            + "|swpin_fallback|swpout|swpout_fallback|zswpout|shmem_alloc|shmem_fallback)");

    private final Set<String> noisy;
    private final boolean migration;

    CounterNames(Recording recording) {
        this.noisy = recording.header().noisy();
        this.migration = recording.header().recordsNodes() && recording.steps().stream().noneMatch(CounterNames::movesAll);
    }

    /** Whether a change of the counter would be in the recording. */
    boolean recorded(String name) {
        if (noisy.contains(name) || SKIPPED.stream().anyMatch(name::startsWith)) {
            return false;
        }
        return PREFIXES.stream().anyMatch(name::startsWith) || name.equals("khugepaged.pages_collapsed")
                || migration && name.startsWith("pgmigrate_") || PER_SIZE.matcher(name).matches();
    }

    /** Operations that move pages outside the scenario too, which {@code pgmigrate_*} would count. */
    private static boolean movesAll(Recording.Step step) {
        if (!(step instanceof Recording.Operation operation)) {
            return false;
        }
        if (operation.statement() instanceof Statement.OfProcess process) {
            return process.call() instanceof MemoryCall.MigratePages || process.call() instanceof MemoryCall.NumaScan;
        }
        return operation.statement() instanceof Statement.OfMachine machine
                && machine.call() instanceof MachineCall.Reclaim;
    }
}
