package org.foliofleet.node.mm;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.foliofleet.protocol.experiment.SettingCatalog;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.TaskContext.ThpControl;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.policy.CostTable;
import org.foliofleet.protocol.policy.Policies;
import org.foliofleet.protocol.policy.PolicySet;
import org.foliofleet.protocol.policy.Switch;

/**
 * Tunables of the modelled kernel, with the defaults of {@link KernelBaseline}. Immutable: a machine swaps the whole
 * object at a tick boundary.
 */
public final class KernelSettings {
    /** {@code /sys/kernel/mm/transparent_hugepage/enabled} and {@code hugepages-SIZEkB/enabled}. */
    public enum Thp { ALWAYS, MADVISE, NEVER, INHERIT }

    /** {@code shmem_enabled}. */
    public enum ShmemHuge { ALWAYS, WITHIN_SIZE, ADVISE, NEVER, INHERIT, DENY, FORCE }

    private static final int MAX_WEIGHTED_NODES = 16;

    private Thp thp = Thp.MADVISE;
    private final Thp[] mthp = new Thp[PageOrder.PMD + 1];
    private ShmemHuge shmem = ShmemHuge.NEVER;
    private final ShmemHuge[] shmemMthp = new ShmemHuge[PageOrder.PMD + 1];
    private boolean useZeroPage = true;
    private boolean shrinkUnderused = true;
    private String thpDefrag = "madvise";
    private int maxPtesNone = 511;
    private int maxPtesSwap = 64;
    private int maxPtesShared = 256;
    private int swappiness = 60;
    private int maxMapCount = 65530;
    private int minFreeKilobytes;
    private int watermarkScaleFactor = 10;
    private long memlockLimitPages = Long.MAX_VALUE;
    private int faultAroundPages = 16;
    private boolean ksmUseZeroPages;
    private boolean ksmSmartScan;
    private int ksmMaxPageSharing = 256;
    private boolean ksmMergeAcrossNodes = true;
    private boolean khugepagedDefrag = true;
    private final int[] interleaveWeights = new int[MAX_WEIGHTED_NODES];
    private boolean demotion;
    private boolean guardFlagShown = true;
    private SwapDevice swapDevice = SwapDevice.ZRAM;
    private boolean workingset;
    private DaemonSettings.Khugepaged khugepaged = DaemonSettings.Khugepaged.OFF;
    private DaemonSettings.Ksm ksm = DaemonSettings.Ksm.OFF;
    private DaemonSettings.Balancing balancing = DaemonSettings.Balancing.OFF;
    private long tickNanos = 1000;
    private long randomSeed;
    private CostTable costs = CostTable.MEASURED;
    private String departures = "";
    private transient PolicySet policies;

    public KernelSettings() {
        Arrays.fill(mthp, Thp.NEVER);
        mthp[PageOrder.PMD] = Thp.INHERIT;
        Arrays.fill(shmemMthp, ShmemHuge.NEVER);
        shmemMthp[PageOrder.PMD] = ShmemHuge.INHERIT;
        Arrays.fill(interleaveWeights, 1);
    }

    private KernelSettings(KernelSettings other) {
        thp = other.thp;
        System.arraycopy(other.mthp, 0, mthp, 0, mthp.length);
        shmem = other.shmem;
        System.arraycopy(other.shmemMthp, 0, shmemMthp, 0, shmemMthp.length);
        useZeroPage = other.useZeroPage;
        shrinkUnderused = other.shrinkUnderused;
        thpDefrag = other.thpDefrag;
        maxPtesNone = other.maxPtesNone;
        maxPtesSwap = other.maxPtesSwap;
        maxPtesShared = other.maxPtesShared;
        swappiness = other.swappiness;
        maxMapCount = other.maxMapCount;
        minFreeKilobytes = other.minFreeKilobytes;
        watermarkScaleFactor = other.watermarkScaleFactor;
        memlockLimitPages = other.memlockLimitPages;
        faultAroundPages = other.faultAroundPages;
        ksmUseZeroPages = other.ksmUseZeroPages;
        ksmSmartScan = other.ksmSmartScan;
        ksmMergeAcrossNodes = other.ksmMergeAcrossNodes;
        khugepagedDefrag = other.khugepagedDefrag;
        ksmMaxPageSharing = other.ksmMaxPageSharing;
        System.arraycopy(other.interleaveWeights, 0, interleaveWeights, 0, interleaveWeights.length);
        demotion = other.demotion;
        guardFlagShown = other.guardFlagShown;
        swapDevice = other.swapDevice;
        workingset = other.workingset;
        khugepaged = other.khugepaged;
        ksm = other.ksm;
        balancing = other.balancing;
        tickNanos = other.tickNanos;
        randomSeed = other.randomSeed;
        costs = other.costs;
        departures = other.departures;
        policies = other.policies;
    }

    /**
     * A copy with one setting changed.
     *
     * @param key   as in scenario files, {@code thp} or {@code mthp 64k}, or the name of a {@link Switch}
     * @param value as the kernel's file takes it
     * @throws IllegalArgumentException for a key or value that is unknown
     */
    public KernelSettings with(String key, String value) {
        KernelSettings copy = new KernelSettings(this);
        String[] words = key.split(" ");
        switch (words[0]) {
            case "thp" -> copy.thp = one(Thp.class, key, value);
            case "mthp" -> copy.mthp[order(key, words)] = one(Thp.class, key, value);
            case "shmem" -> copy.shmem = one(ShmemHuge.class, key, value);
            case "shmem_mthp" -> copy.shmemMthp[order(key, words)] = one(ShmemHuge.class, key, value);
            case "use_zero_page" -> copy.useZeroPage = number(key, value) != 0;
            case "shrink_underused" -> copy.shrinkUnderused = number(key, value) != 0;
            case "thp_defrag" -> copy.thpDefrag = value;
            case "khugepaged.max_ptes_none" -> copy.maxPtesNone = number(key, value);
            case "khugepaged.max_ptes_swap" -> copy.maxPtesSwap = number(key, value);
            case "khugepaged.max_ptes_shared" -> copy.maxPtesShared = number(key, value);
            case "khugepaged.defrag" -> copy.khugepagedDefrag = number(key, value) != 0;
            case "khugepaged.run", "khugepaged.pages_to_scan", "khugepaged.scan_sleep_ms", "khugepaged.alloc_sleep_ms" ->
                copy.khugepaged = khugepaged.with(key, number(key, value));
            case "ksm.run", "ksm.pages_to_scan", "ksm.sleep_ms" -> copy.ksm = ksm.with(key, number(key, value));
            case "numa_balancing.run", "numa_balancing.scan_period_ms", "numa_balancing.scan_size_mb" ->
                copy.balancing = balancing.with(key, number(key, value));
            case "tick_nanos" -> copy.tickNanos = number(key, value);
            case "random_seed" -> copy.randomSeed = Long.parseLong(value);
            case "swappiness" -> copy.swappiness = number(key, value);
            case "page_cluster" -> requireZero(key, value);
            case "ksm.use_zero_pages" -> copy.ksmUseZeroPages = number(key, value) != 0;
            case "ksm.merge_across_nodes" -> copy.ksmMergeAcrossNodes = number(key, value) != 0;
            case "ksm.smart_scan" -> copy.ksmSmartScan = number(key, value) != 0;
            case "ksm.max_page_sharing" -> copy.ksmMaxPageSharing = number(key, value);
            case "max_map_count" -> copy.maxMapCount = number(key, value);
            case "min_free_kbytes" -> copy.minFreeKilobytes = number(key, value);
            case "watermark_scale_factor" -> copy.watermarkScaleFactor = number(key, value);
            case "memlock_pages" -> copy.memlockLimitPages = number(key, value);
            case "fault_around_pages" -> copy.faultAroundPages = number(key, value);
            case "swap.device", "swap.latency", "swap.page_time", "swap.stable_writes" -> copy.swapDevice = swapDevice.with(key, value);
            case "workingset" -> copy.workingset = number(key, value) != 0;
            case "weight" -> copy.interleaveWeights[weightedNode(key, words)] = number(key, value);
            case "demotion" -> copy.demotion = flag(key, value);
            case "smaps_guard_flag" -> copy.guardFlagShown = flag(key, value);
            default -> {
                if (key.startsWith(SettingCatalog.COSTS)) {
                    copy.costs = costs.with(key.substring(SettingCatalog.COSTS.length()), Long.parseLong(value));
                    return copy;
                }
                return with(Policies.parse(departures).with(Switch.named(key).orElseThrow(
                    () -> new IllegalArgumentException("no kernel setting is called '" + key + "'")), value));
            }
        }
        return copy;
    }

    /** A copy under these switches. */
    public KernelSettings with(Policies switches) {
        KernelSettings copy = new KernelSettings(this);
        copy.departures = switches.text();
        copy.policies = PolicySet.of(switches);
        return copy;
    }

    /** Keys that {@link #with} takes; sizes of {@code mthp} and {@code shmem_mthp} left out. */
    public static List<String> keys() {
        return List.of("thp", "mthp", "shmem", "shmem_mthp", "use_zero_page", "shrink_underused", "thp_defrag",
                "khugepaged.max_ptes_none", "khugepaged.max_ptes_swap", "khugepaged.max_ptes_shared", "khugepaged.defrag", "khugepaged.run",
                "khugepaged.pages_to_scan", "khugepaged.scan_sleep_ms", "khugepaged.alloc_sleep_ms", "ksm.run", "ksm.pages_to_scan",
                "ksm.sleep_ms", "numa_balancing.run", "numa_balancing.scan_period_ms", "numa_balancing.scan_size_mb", "tick_nanos", "swappiness",
                "page_cluster", "ksm.use_zero_pages", "ksm.smart_scan", "ksm.max_page_sharing", "ksm.merge_across_nodes",
                "max_map_count", "min_free_kbytes", "watermark_scale_factor", "memlock_pages", "fault_around_pages",
                "weight", "demotion", "smaps_guard_flag", "swap.device", "swap.latency", "swap.page_time", "swap.stable_writes",
                "workingset");
    }

    private static <E extends Enum<E>> E one(Class<E> type, String key, String value) {
        for (E constant : type.getEnumConstants()) {
            if (constant.name().toLowerCase(Locale.ROOT).equals(value)) {
                return constant;
            }
        }
        throw new IllegalArgumentException("'" + value + "' is no value of " + key);
    }

    private static int number(String key, String value) {
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + value + "' is no number for " + key, e);
        }
    }

    private static void requireZero(String key, String value) {
        if (number(key, value) != 0) {
            throw new IllegalArgumentException(key + " other than 0 (swap read-ahead) is not modelled");
        }
    }

    private static boolean flag(String key, String value) {
        if (!value.equals("true") && !value.equals("false")) {
            throw new IllegalArgumentException("'" + value + "' is neither true nor false for " + key);
        }
        return value.equals("true");
    }

    private static int weightedNode(String key, String[] words) {
        int node = words.length == 2 ? number(key, words[1]) : -1;
        if (node < 0 || node >= MAX_WEIGHTED_NODES) {
            throw new IllegalArgumentException("'" + key + "' needs the number of a node below " + MAX_WEIGHTED_NODES);
        }
        return node;
    }

    private static int order(String key, String[] words) {
        if (words.length == 2 && words[1].endsWith("k")) {
            int kilobytes = number(key, words[1].substring(0, words[1].length() - 1));
            int order = Integer.numberOfTrailingZeros(Math.max(4, kilobytes)) - 2;
            if (Integer.bitCount(kilobytes) == 1 && order >= 1 && order <= PageOrder.PMD) {
                return order;
            }
        }
        throw new IllegalArgumentException("'" + key + "' needs a folio size from 8k to 2048k");
    }

    /**
     * Orders that a fault may use in an anonymous VMA with these flags, as a bit set: {@code
     * thp_vma_allowable_orders()} without regard to the VMA's size (R2.3).
     */
    public int anonFaultOrders(long vmaFlags, ThpControl control) {
        if ((vmaFlags & VmaFlags.NOHUGEPAGE) != 0) {
            return 0;
        }
        boolean advised = (vmaFlags & VmaFlags.HUGEPAGE) != 0;
        if (control == ThpControl.DISABLED || control == ThpControl.ONLY_ADVISED && !advised) {
            return 0;
        }
        int orders = 0;
        for (int order = 2; order <= PageOrder.PMD; order++) {
            Thp mode = mthp[order] == Thp.INHERIT ? thp : mthp[order];
            if (mode == Thp.ALWAYS || mode == Thp.MADVISE && advised) {
                orders |= 1 << order;
            }
        }
        return orders;
    }

    /** {@code hugepage_pmd_enabled()}: there is work for khugepaged. */
    public boolean isPmdEnabled() {
        Thp anon = mthp[PageOrder.PMD] == Thp.INHERIT ? thp : mthp[PageOrder.PMD];
        ShmemHuge files = shmemMthp[PageOrder.PMD] == ShmemHuge.INHERIT ? shmem : shmemMthp[PageOrder.PMD];
        return anon != Thp.NEVER || shmem != ShmemHuge.DENY && files != ShmemHuge.NEVER && files != ShmemHuge.DENY;
    }

    /** What operations take. */
    public CostTable costs() {
        return costs;
    }

    public Thp thp() {
        return thp;
    }

    public Thp mthp(int order) {
        return mthp[order];
    }

    public ShmemHuge shmem() {
        return shmem;
    }

    public ShmemHuge shmemMthp(int order) {
        return shmemMthp[order];
    }

    public boolean useZeroPage() {
        return useZeroPage;
    }

    public boolean shrinkUnderused() {
        return shrinkUnderused;
    }

    public String thpDefrag() {
        return thpDefrag;
    }

    public int maxPtesNone() {
        return maxPtesNone;
    }

    public int maxPtesSwap() {
        return maxPtesSwap;
    }

    public int maxPtesShared() {
        return maxPtesShared;
    }

    /** Of the khugepaged daemon. */
    public DaemonSettings.Khugepaged khugepaged() {
        return khugepaged;
    }

    /** {@code khugepaged/defrag}: khugepaged reclaims where there is no room for a huge folio. */
    public boolean khugepagedDefrag() {
        return khugepagedDefrag;
    }

    /** Of ksmd. */
    public DaemonSettings.Ksm ksm() {
        return ksm;
    }

    /** Of the scan for NUMA hinting faults. */
    public DaemonSettings.Balancing balancing() {
        return balancing;
    }

    /** Length of a tick, for who measures pauses in time. */
    public long tickNanos() {
        return tickNanos;
    }

    /** Key of what the model draws at random; draws of workloads are apart from these. */
    public long randomSeed() {
        return randomSeed;
    }

    public int swappiness() {
        return swappiness;
    }

    public int maxMapCount() {
        return maxMapCount;
    }

    /** {@code vm.min_free_kbytes}; 0 for what the kernel computes from the size of memory. */
    public int minFreeKilobytes() {
        return minFreeKilobytes;
    }

    /** {@code vm.watermark_scale_factor}: distance between watermarks in 10,000ths of memory. */
    public int watermarkScaleFactor() {
        return watermarkScaleFactor;
    }

    public long memlockLimitPages() {
        return memlockLimitPages;
    }

    /** {@code ksm/use_zero_pages}. */
    public boolean ksmUseZeroPages() {
        return ksmUseZeroPages;
    }

    /** {@code ksm/smart_scan}; off where the kernel has it on, as in recordings. */
    public boolean ksmSmartScan() {
        return ksmSmartScan;
    }

    /** {@code ksm/max_page_sharing}. */
    public int ksmMaxPageSharing() {
        return ksmMaxPageSharing;
    }

    /** {@code ksm/merge_across_nodes}: equal pages of different nodes are merged. */
    public boolean ksmMergeAcrossNodes() {
        return ksmMergeAcrossNodes;
    }

    /** {@code fault_around_bytes}, in pages. */
    public int faultAroundPages() {
        return faultAroundPages;
    }

    /** {@code /sys/kernel/mm/mempolicy/weighted_interleave/nodeN}. */
    public int interleaveWeight(int node) {
        return node < interleaveWeights.length ? interleaveWeights[node] : 1;
    }

    /** {@code /sys/kernel/mm/numa/demotion_enabled}. */
    public boolean demotion() {
        return demotion;
    }

    /** Whether refaults are told from first faults; off where the kernel always does, as nothing of it shows in recordings. */
    public boolean workingset() {
        return workingset;
    }

    /** What the swap device is like. */
    public SwapDevice swapDevice() {
        return swapDevice;
    }

    /** Whether smaps shows {@code gu}: 6.18.44 does, 6.18.15 does not. */
    public boolean guardFlagShown() {
        return guardFlagShown;
    }

    /** The switches, those at the kernel's behaviour included. */
    public PolicySet policies() {
        if (policies == null) {
            policies = PolicySet.of(Policies.parse(departures));
        }
        return policies;
    }

    @Override
    public String toString() {
        return "thp=" + thp + " mthp=" + Arrays.toString(mthp) + " shmem=" + shmem + " shmem_mthp=" + Arrays.toString(shmemMthp)
                + " use_zero_page=" + useZeroPage + " shrink_underused=" + shrinkUnderused + " thp_defrag=" + thpDefrag
                + " max_ptes=" + maxPtesNone + "/" + maxPtesSwap + "/" + maxPtesShared + " swappiness=" + swappiness
                + " max_map_count=" + maxMapCount + " memlock=" + memlockLimitPages
                + (minFreeKilobytes != 0 || watermarkScaleFactor != 10 ? " watermarks=" + minFreeKilobytes + "/" + watermarkScaleFactor : "") + " fault_around=" + faultAroundPages
                + " ksm=" + ksmUseZeroPages + "/" + ksmSmartScan + "/" + ksmMaxPageSharing
                + (ksmMergeAcrossNodes ? "" : "/nodes") + (khugepagedDefrag ? "" : " khugepaged.defrag=0")
                + (swapDevice.equals(SwapDevice.ZRAM) ? "" : " " + swapDevice) + (workingset ? " workingset" : "") + " " + khugepaged + " " + ksm + " " + balancing + " policies=" + departures;
    }
}
