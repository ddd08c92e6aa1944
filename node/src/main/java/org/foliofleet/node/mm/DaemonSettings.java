package org.foliofleet.node.mm;

/** How the kernel's daemons run. All are off unless somebody switches them on: what their passes do can be asked for as a step. */
public final class DaemonSettings {
    private DaemonSettings() {}

    /**
     * {@code /sys/kernel/mm/transparent_hugepage/khugepaged/}.
     *
     * @param run              whether the thread runs where huge pages of PMD size are enabled
     * @param pagesToScan      pages that it looks at when it wakes
     * @param scanSleepMillis  pause between two scans
     * @param allocSleepMillis pause after it got no memory for a folio
     */
    public record Khugepaged(boolean run, int pagesToScan, int scanSleepMillis, int allocSleepMillis) {
        /** With the kernel's figures. */
        public static final Khugepaged OFF = new Khugepaged(false, 4096, 10_000, 60_000);

        Khugepaged with(String key, int value) {
            return switch (key) {
                case "khugepaged.run" -> new Khugepaged(value != 0, pagesToScan, scanSleepMillis, allocSleepMillis);
                case "khugepaged.pages_to_scan" -> new Khugepaged(run, value, scanSleepMillis, allocSleepMillis);
                case "khugepaged.scan_sleep_ms" -> new Khugepaged(run, pagesToScan, value, allocSleepMillis);
                default -> new Khugepaged(run, pagesToScan, scanSleepMillis, value);
            };
        }
    }

    /**
     * {@code /sys/kernel/mm/ksm/}.
     *
     * @param run         whether ksmd runs
     * @param pagesToScan pages that it looks at when it wakes
     * @param sleepMillis pause between two scans
     */
    public record Ksm(boolean run, int pagesToScan, int sleepMillis) {
        /** With the kernel's figures. */
        public static final Ksm OFF = new Ksm(false, 100, 20);

        Ksm with(String key, int value) {
            return switch (key) {
                case "ksm.run" -> new Ksm(value != 0, pagesToScan, sleepMillis);
                case "ksm.pages_to_scan" -> new Ksm(run, value, sleepMillis);
                default -> new Ksm(run, pagesToScan, value);
            };
        }
    }

    /**
     * {@code kernel.numa_balancing} and its debugfs files.
     *
     * @param run          whether processes that begin have their memory scanned
     * @param periodMillis pause between two portions
     * @param sizePages    a portion; it ends with a VMA
     */
    public record Balancing(boolean run, int periodMillis, long sizePages) {
        /** With the kernel's figures. */
        public static final Balancing OFF = new Balancing(false, 1000, 65_536);

        Balancing with(String key, int value) {
            return switch (key) {
                case "numa_balancing.run" -> new Balancing(value != 0, periodMillis, sizePages);
                case "numa_balancing.scan_period_ms" -> new Balancing(run, value, sizePages);
                default -> new Balancing(run, periodMillis, value * 256L);
            };
        }
    }
}
