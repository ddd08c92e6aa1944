package org.foliofleet.protocol.experiment;

import java.util.List;
import java.util.SortedMap;

/** Reads what a machine class says of its swap device: {@code none}, a size, or a map of size and kind. */
final class SwapReader {
    private final Problems problems;
    private final Values values;

    SwapReader(Problems problems) {
        this.problems = problems;
        values = new Values(problems);
    }

    /**
     * Reads it.
     *
     * @param settings gets what a map says about the device
     * @return size in pages, 0 for no device
     */
    long read(Yaml written, SortedMap<String, String> settings) {
        if (written instanceof Yaml.Scalar scalar) {
            return scalar.text().equals("none") ? 0 : values.fixed(written, "'swap'", Units.PAGES, 0);
        }
        Fields f = new Fields(written, "a swap device", problems);
        Yaml size = f.required("size", "write size: 1GiB");
        Yaml device = f.optional("device");
        Yaml latency = f.optional("latency");
        Yaml pageTime = f.optional("page_time");
        Yaml stable = f.optional("stable_writes");
        f.finish();
        if (device != null) {
            settings.put("swap.device", values.word(device, "'device'", List.of("zram", "block")));
        }
        time(latency, "latency", settings);
        time(pageTime, "page_time", settings);
        if (stable != null) {
            settings.put("swap.stable_writes", values.bool(stable, "'stable_writes'") ? "1" : "0");
        }
        boolean zram = !"block".equals(settings.getOrDefault("swap.device", "zram"));
        for (Yaml idle : new Yaml[] {latency, pageTime, stable}) {
            if (zram && idle != null) {
                problems.add(idle.at(), "a swap device that is zram writes at once", "write device: block beside it");
            }
        }
        return size == null ? 0 : values.fixed(size, "'size'", Units.PAGES, 0);
    }

    private void time(Yaml written, String key, SortedMap<String, String> settings) {
        if (written == null) {
            return;
        }
        SettingCatalog.Setting setting = SettingCatalog.named("swap." + key).orElseThrow();
        long nanos = values.fixed(written, "'" + key + "'", Units.NANOS, 0);
        if (nanos > setting.max()) {
            problems.add(written.at(), "'" + key + "' of " + nanos + " ns", "write at most " + setting.max() + "ns");
            return;
        }
        settings.put(setting.key(), Long.toString(nanos));
    }
}
