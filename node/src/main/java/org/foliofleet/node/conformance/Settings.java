package org.foliofleet.node.conformance;

import java.util.ArrayList;
import java.util.List;

/** The kernel settings a scenario may write. */
final class Settings {
    /** What the recorder can write beside the documented keys: how daemons are paced. */
    private static final List<String> WRITABLE_TOO = List.of("khugepaged.defrag", "khugepaged.pages_to_scan",
            "khugepaged.scan_sleep_millisecs", "ksm.pages_to_scan", "ksm.sleep_millisecs", "numa_balancing",
            "numa_scan.delay", "numa_scan.period", "numa_scan.size", "weight.auto");
    /** Keys of one word, and of two: mthp sizes and the nodes' interleave weights. */
    private static final List<String> KEYS = keys();

    private Settings() {}

    private static List<String> keys() {
        List<String> keys = new ArrayList<>(List.of("thp", "thp_defrag", "shmem", "use_zero_page", "shrink_underused",
                "khugepaged.max_ptes_none", "khugepaged.max_ptes_shared", "khugepaged.max_ptes_swap",
                "ksm.merge_across_nodes", "ksm.use_zero_pages", "ksm.max_page_sharing", "ksm.smart_scan", "swappiness",
                "page_cluster", "demotion"));
        keys.addAll(WRITABLE_TOO);
        for (String size : List.of("16k", "32k", "64k", "128k", "256k", "512k", "1024k", "2048k")) {
            keys.add("mthp " + size);
        }
        for (String size : List.of("16k", "64k", "128k", "2048k")) {
            keys.add("shmem_mthp " + size);
        }
        for (int node = 0; node < 4; node++) {
            keys.add("weight " + node);
        }
        return List.copyOf(keys);
    }

    static boolean isKey(String key) {
        return KEYS.contains(key);
    }

    /** All keys. */
    static List<String> all() {
        return KEYS;
    }

    /** Takes a key of one or two words from a line. */
    static String key(Words words) {
        String key = words.word("a setting");
        if (key.equals("mthp") || key.equals("shmem_mthp") || key.equals("weight")) {
            key += " " + words.word("a size or node");
        }
        if (!isKey(key)) {
            throw words.unknown("setting", key, KEYS);
        }
        return key;
    }
}
