package org.foliofleet.node.mm.measure;

import java.util.Map;
import org.foliofleet.node.mm.numa.Folio;
import org.foliofleet.node.mm.numa.FolioAccounting;
import org.foliofleet.protocol.experiment.Metric;
import org.foliofleet.protocol.experiment.MetricKey;

/** Memory of drivers on a node: who refers to it, and what {@code /proc/kpagecount} and smaps say of it. */
final class DriverStatistics {
    private final FolioAccounting shown;
    private long memory;
    private long references;
    private long mapcount;
    private long pss;

    DriverStatistics(FolioAccounting shown) {
        this.shown = shown;
    }

    /** Adds {@code many} folios alike, of a driver or not. */
    void add(long many, Folio folio) {
        if (!folio.has(Folio.DRIVER)) {
            return;
        }
        memory += many * folio.pages();
        references += many * folio.references();
        for (int page = 0; page < folio.pages(); page++) {
            mapcount += many * shown.pageMapcount(folio, page);
        }
        pss += many * shown.pssOfAll(folio);
    }

    void addTo(Map<MetricKey, Long> sums) {
        sums.merge(MetricKey.of(Metric.DRIVER_MEMORY), memory, Long::sum);
        sums.merge(MetricKey.of(Metric.DRIVER_REFS), references, Long::sum);
        sums.merge(MetricKey.of(Metric.DRIVER_MAPCOUNT), mapcount, Long::sum);
        sums.merge(MetricKey.of(Metric.DRIVER_PSS), pss >> FolioAccounting.PSS_SHIFT, Long::sum);
    }
}
