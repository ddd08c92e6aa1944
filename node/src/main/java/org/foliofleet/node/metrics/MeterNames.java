package org.foliofleet.node.metrics;

import io.micrometer.core.instrument.Tags;
import org.foliofleet.protocol.series.Track;

/** What tracks are called in Prometheus: base units, one name for what belongs together. */
final class MeterNames {
    private MeterNames() {}

    /** The name in Micrometer's spelling; empty for a track that is not shown. */
    static String of(Track track) {
        return switch (track) {
            case PROCESSES -> "foliofleet.processes";
            case FORKS -> "foliofleet.forks";
            case PINS -> "foliofleet.pins";
            case CALLS -> "foliofleet.calls";
            case CALLS_FAILED -> "foliofleet.calls.failed";
            case SWAPPED -> "foliofleet.swap.used.bytes";
            case MEMORY -> "foliofleet.memory.bytes";
            case FREE -> "foliofleet.memory.free.bytes";
            case HUGE_ANON -> "foliofleet.anon.huge.folios";
            case DEFERRED_LENGTH -> "foliofleet.deferred.split.folios";
            case DEFERRED_AGE -> "foliofleet.deferred.split.oldest.seconds";
            case DEFERRED_TAIL -> "";
            case REFS_PEAK -> "foliofleet.refcount.peak";
            case FAULTS -> "foliofleet.faults";
            case COW_COPIES -> "foliofleet.cow.copied.bytes";
            case SPLIT_OK, SPLIT_PINNED, SPLIT_FAILED -> "foliofleet.splits";
            case PMD_SPLITS -> "foliofleet.pmd.splits";
            case COLLAPSES -> "foliofleet.collapses";
            case SWAP_OUT -> "foliofleet.swap.out.bytes";
            case SWAP_IN -> "foliofleet.swap.in.bytes";
            case MIGRATED, MIGRATE_FAILED -> "foliofleet.migrations.bytes";
        };
    }

    /** What tells tracks of one name apart. */
    static Tags tags(Track track) {
        return switch (track) {
            case SPLIT_OK -> Tags.of("result", "ok", "cause", "");
            case SPLIT_PINNED -> Tags.of("result", "failed", "cause", "pinned");
            case SPLIT_FAILED -> Tags.of("result", "failed", "cause", "other");
            case MIGRATED -> Tags.of("result", "ok");
            case MIGRATE_FAILED -> Tags.of("result", "failed");
            default -> Tags.empty();
        };
    }
}
