package org.foliofleet.node.conformance;

import java.util.List;

/** The families of scenarios; their names begin with one. */
final class Families {
    private static final List<String> FAMILIES = List.of("anon", "thp", "mthp", "huge-zero", "cow", "fork", "pin",
            "getref", "mlock", "mprotect", "madv-free", "pageout", "swap", "reclaim", "collapse", "khugepaged", "mremap",
            "ksm", "shmem", "uffd", "vma", "guard", "underused", "deferred-split", "scale-thp", "walk", "numa",
            "numa-hint", "migrate", "move-pages", "collapse-node", "khugepaged-node", "split", "demote", "walk-numa");

    private Families() {}

    /** The longest family that the name begins with; the name's first word if it has none. */
    static String of(String name) {
        String longest = "";
        for (String family : FAMILIES) {
            if (family.length() > longest.length() && (name.equals(family) || name.startsWith(family + "-"))) {
                longest = family;
            }
        }
        return longest.isEmpty() ? name.replaceAll("-.*", "") : longest;
    }
}
