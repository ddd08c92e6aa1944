package org.foliofleet.protocol.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.foliofleet.protocol.policy.CostTable;

/**
 * The kernel settings a machine can be given, under the names that recorded scenarios use
 * ({@code MachineCall.Set}): key words and, for a few, a size or number after a space, as in {@code mthp 64k}.
 */
public final class SettingCatalog {
    /**
     * @param key          the key of {@code MachineCall.Set}
     * @param defaultValue what a machine has at its start
     * @param words        the allowed values, or empty: a number
     * @param min          least number
     * @param max          greatest number
     * @param modelled     whether the model heeds it yet; if not, only the default can be written
     */
    public record Setting(String key, String defaultValue, List<String> words, long min, long max, boolean modelled) {
        public Optional<String> canonical(String value) {
            if (!words.isEmpty()) {
                return words.contains(value) ? Optional.of(value) : Optional.empty();
            }
            if (!value.matches("[0-9]{1,15}")) {
                return Optional.empty();
            }
            long number = Long.parseLong(value);
            return number >= min && number <= max ? Optional.of(Long.toString(number)) : Optional.empty();
        }

        /** For messages: what may be written. */
        public String describe() {
            return words.isEmpty() ? "a number from " + min + " to " + max : "one of " + String.join(", ", words);
        }
    }

    /** How the figures of the cost table begin, in simulated nanoseconds: {@code costs.anon_fault}. */
    public static final String COSTS = "costs.";

    private static final SortedMap<String, Setting> ALL = new TreeMap<>();

    static {
        words("thp", "madvise", "always", "madvise", "never");
        for (String size : List.of("16k", "32k", "64k", "128k", "256k", "512k", "1024k", "2048k")) {
            String initial = size.equals("2048k") ? "inherit" : "never";
            words("mthp " + size, initial, "always", "inherit", "madvise", "never");
            words("shmem_mthp " + size, initial, "always", "inherit", "within_size", "advise", "never");
        }
        words("shmem", "never", "always", "within_size", "advise", "never", "deny", "force");
        words("thp_defrag", "madvise", "always", "defer", "defer+madvise", "madvise", "never");
        words("demotion", "false", "true", "false");
        number("use_zero_page", 1, 0, 1);
        number("shrink_underused", 1, 0, 1);
        number("khugepaged.max_ptes_none", 511, 0, 511);
        number("khugepaged.max_ptes_swap", 64, 0, 511);
        number("khugepaged.max_ptes_shared", 256, 0, 511);
        number("khugepaged.run", 0, 0, 1);
        number("khugepaged.defrag", 1, 0, 1);
        number("khugepaged.pages_to_scan", 4096, 1, Integer.MAX_VALUE);
        number("khugepaged.scan_sleep_ms", 10_000, 0, Integer.MAX_VALUE);
        number("khugepaged.alloc_sleep_ms", 60_000, 0, Integer.MAX_VALUE);
        number("numa_balancing.run", 0, 0, 1);
        number("numa_balancing.scan_period_ms", 1000, 1, Integer.MAX_VALUE);
        number("numa_balancing.scan_size_mb", 256, 1, 1 << 20);
        number("ksm.run", 0, 0, 1);
        number("ksm.pages_to_scan", 100, 1, Integer.MAX_VALUE);
        number("ksm.sleep_ms", 20, 0, Integer.MAX_VALUE);
        number("ksm.use_zero_pages", 0, 0, 1);
        number("ksm.smart_scan", 0, 0, 1);
        number("ksm.max_page_sharing", 256, 2, Integer.MAX_VALUE);
        number("ksm.merge_across_nodes", 1, 0, 1);
        number("swappiness", 60, 0, 200);
        number("page_cluster", 0, 0, 31);
        number("workingset", 0, 0, 1);
        words("swap.device", "zram", "zram", "block");
        number("swap.latency", 100_000, 0, 10_000_000_000L);
        number("swap.page_time", 2_000, 0, 1_000_000_000L);
        number("swap.stable_writes", 0, 0, 1);
        number("max_map_count", 65530, 1, Integer.MAX_VALUE);
        number("fault_around_pages", 16, 1, 512);
        number("memlock_pages", Integer.MAX_VALUE, 0, Integer.MAX_VALUE);
        for (int node = 0; node < 4; node++) {
            number("weight " + node, 1, 1, 255);
        }
        CostTable.MEASURED.figures().forEach((name, nanos) -> number(COSTS + name, nanos, 0, 1_000_000_000_000L));
    }

    private SettingCatalog() {}

    private static void words(String key, String defaultValue, String... words) {
        ALL.put(key, new Setting(key, defaultValue, List.of(words), 0, 0, isModelled(key)));
    }

    private static void number(String key, long defaultValue, long min, long max) {
        ALL.put(key, new Setting(key, Long.toString(defaultValue), List.of(), min, max, isModelled(key)));
    }

    private static boolean isModelled(String key) {
        return !key.equals("page_cluster");
    }

    public static Optional<Setting> named(String key) {
        return Optional.ofNullable(ALL.get(key));
    }

    /** All keys, ascending. */
    public static List<String> keys() {
        return new ArrayList<>(ALL.keySet());
    }
}
