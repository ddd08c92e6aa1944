package org.foliofleet.coordinator.experiment;

import java.util.List;

/**
 * The folios of a machine that are referred to most, as they were at its last commit.
 *
 * @param machine {@code CLASS/NUMBER}
 * @param epoch   of that commit; -1: there was none
 * @param tick    of the machine then
 * @param folios  the most references first
 */
public record FoliosView(String id, String machine, long epoch, long tick, List<FolioView> folios) {
    public FoliosView {
        folios = List.copyOf(folios);
    }

    /**
     * Folios that are alike and lie one behind the other.
     *
     * @param node        NUMA node
     * @param frame       first page frame of the first of them, within the node
     * @param alike       how many they are
     * @param order       each has 2^order pages
     * @param kind        anon, ksm, driver or cache
     * @param references  of each
     * @param mapcount    of each, of all its pages together
     * @param pins        of each
     * @param mappedPages pages of each that are mapped
     * @param marks       such as mlocked or partially_mapped
     */
    public record FolioView(int node, long frame, long alike, int order, String kind, long references, long mapcount, long pins, int mappedPages,
            List<String> marks) {
        public FolioView {
            marks = List.copyOf(marks);
        }
    }
}
