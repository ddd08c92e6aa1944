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
    public enum CollapseInstallPmd { MADV_ONLY, ALWAYS, NEVER }

    /** Whether that PMD is writable at once: {@link Switch#COLLAPSE_PMD_WRITABLE}. */
    public enum CollapsePmdWritable { READ_ONLY, VMA_PROT }

    /** What UFFDIO_CONTINUE maps: {@link Switch#UFFD_MINOR_RESOLVE}. */
    public enum UffdMinorResolve { PTE_ONLY, PMD_IF_FOLIO_HUGE }

    /** What MADV_COLLAPSE reports: {@link Switch#COLLAPSE_REPORT}. */
    public enum CollapseReport { ATTEMPT, VERIFY_BEFORE_RETURN }

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
