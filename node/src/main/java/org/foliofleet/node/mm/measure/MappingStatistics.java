package org.foliofleet.node.mm.measure;

import java.util.Map;
import org.foliofleet.node.mm.numa.Folio;
import org.foliofleet.node.mm.numa.FolioAccounting;
import org.foliofleet.protocol.experiment.Metric;
import org.foliofleet.protocol.experiment.MetricKey;

/** AnonPages, Mapped, Pss and Uss of a node's folios as the machine's models count them, beside the exact numbers. */
final class MappingStatistics {
    private static final long PAGE_BYTES = 4096;

    private final FolioAccounting shown;
    private long anon;
    private long file;
    private long pss;
    private long uss;
    private long metadata;
    private long anonError;
    private long fileError;
    private long pssError;
    private long ussError;

    MappingStatistics(FolioAccounting shown) {
        this.shown = shown;
    }

    /** Adds {@code many} folios alike. */
    void add(long many, Folio folio) {
        metadata += many * shown.metadataBytes(folio);
        if (!folio.isMapped()) {
            return;
        }
        long mapped = shown.mappedPages(folio);
        long share = shown.pssOfAll(folio);
        long own = shown.privatePages(folio);
        if (folio.isAnon()) {
            anon += many * mapped;
        } else {
            file += many * mapped;
        }
        pss += many * share;
        uss += many * own;
        if (!shown.isExact() && (folio.isLarge() || folio.has(Folio.DRIVER))) {
            long excess = mapped - FolioAccounting.EXACT.mappedPages(folio);
            anonError += folio.isAnon() ? many * excess : 0;
            fileError += folio.isAnon() ? 0 : many * excess;
            pssError += many * (share - FolioAccounting.EXACT.pssOfAll(folio));
            ussError += many * (own - FolioAccounting.EXACT.privatePages(folio));
        }
    }

    void addTo(Map<MetricKey, Long> sums) {
        add(sums, MetricKey.of(Metric.ANON_PAGES), anon);
        add(sums, MetricKey.of(Metric.FILE_MAPPED), file);
        add(sums, MetricKey.of(Metric.PSS), pss / (1 << FolioAccounting.PSS_SHIFT));
        add(sums, MetricKey.of(Metric.USS), uss);
        add(sums, MetricKey.of(Metric.MAPPING_META), metadata);
        add(sums, MetricKey.of(Metric.STAT_ERROR, "anon_pages"), anonError * PAGE_BYTES);
        add(sums, MetricKey.of(Metric.STAT_ERROR, "mapped"), fileError * PAGE_BYTES);
        add(sums, MetricKey.of(Metric.STAT_ERROR, "pss"), pssError / (1 << FolioAccounting.PSS_SHIFT));
        add(sums, MetricKey.of(Metric.STAT_ERROR, "uss"), ussError * PAGE_BYTES);
    }

    private static void add(Map<MetricKey, Long> sums, MetricKey key, long value) {
        sums.merge(key, value, Long::sum);
    }
}
