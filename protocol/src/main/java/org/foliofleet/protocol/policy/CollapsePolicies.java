package org.foliofleet.protocol.policy;

/**
 * What the switches say about what a collapse of file memory installs and reports (thread D, collapse_pte_mapped_thp).
 *
 * @param collapseInstallPmd who installs a PMD after a file collapse
 * @param collapsePmdWritable whether that PMD is writable at once
 * @param collapseAllowAnonVma whether a VMA with an anon_vma can be collapsed onto the file
 * @param retractAllowAnonVma whether page tables of such VMAs are retracted
 * @param uffdMinorResolve what UFFDIO_CONTINUE maps
 * @param collapseReport what MADV_COLLAPSE reports
 */
public record CollapsePolicies(CollapseInstallPmd collapseInstallPmd, CollapsePmdWritable collapsePmdWritable,
    boolean collapseAllowAnonVma, boolean retractAllowAnonVma, UffdMinorResolve uffdMinorResolve,
        CollapseReport collapseReport) {
    /** Who installs a PMD after a file collapse: {@link Switch#COLLAPSE_INSTALL_PMD}. */
    public enum CollapseInstallPmd {
        /** MADV_COLLAPSE does for its caller, khugepaged leaves it to the next fault (R9.9, R9.11). */
        MADV_ONLY,
        /** The collapse does, in every VMA that maps the whole block. */
        ALWAYS,
        /** Nobody: the next access faults, or is a minor event where userfaultfd watches. */
        NEVER
    }

    /** Whether that PMD is writable at once: {@link Switch#COLLAPSE_PMD_WRITABLE}. */
    public enum CollapsePmdWritable {
        /** As {@code vm_page_prot} says, clean: in shared mappings of shmem writable (C9.k). Linux 6.18. */
        PAGE_PROT,
        /** Never: the first write drops the entry and maps the folio anew, or is a minor event where userfaultfd watches. */
        READ_ONLY,
        /** As if a write had faulted it in: in shared writable mappings writable and dirty. */
        VMA_PROT
    }

    /** What UFFDIO_CONTINUE maps: {@link Switch#UFFD_MINOR_RESOLVE}. */
    public enum UffdMinorResolve {
        /** One PTE for each page (R13.3). */
        PTE_ONLY,
        /** A PMD for each aligned block of the request that one folio of the cache fills and nothing is mapped in. */
        PMD_IF_FOLIO_HUGE
    }

    /** What MADV_COLLAPSE reports: {@link Switch#COLLAPSE_REPORT}. */
    public enum CollapseReport {
        /** How the attempts ended, whatever became of the blocks since (R9.10). */
        ATTEMPT,
        /** The blocks are looked at again: EAGAIN if one is not mapped by a PMD any more. */
        VERIFY_BEFORE_RETURN
    }

    static CollapsePolicies of(Policies policies) {
        return new CollapsePolicies(
            CollapseInstallPmd.values()[policies.choice(Switch.COLLAPSE_INSTALL_PMD)],
            CollapsePmdWritable.values()[policies.choice(Switch.COLLAPSE_PMD_WRITABLE)],
            policies.isOn(Switch.COLLAPSE_ALLOW_ANON_VMA),
            policies.isOn(Switch.RETRACT_ALLOW_ANON_VMA),
            UffdMinorResolve.values()[policies.choice(Switch.UFFD_MINOR_RESOLVE)],
            CollapseReport.values()[policies.choice(Switch.COLLAPSE_REPORT)]);
    }
}
