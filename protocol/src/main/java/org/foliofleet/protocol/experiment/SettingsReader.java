package org.foliofleet.protocol.experiment;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reads kernel settings, flat ({@code khugepaged.max_ptes_none: 0}) or nested ({@code mthp: {64k: always}}). */
final class SettingsReader {
    static final List<String> SPACED = List.of("mthp", "shmem_mthp", "weight");

    private final Problems problems;

    SettingsReader(Problems problems) {
        this.problems = problems;
    }

    SortedMap<String, String> read(Yaml value, String what) {
        SortedMap<String, String> settings = new TreeMap<>();
        if (!(value instanceof Yaml.Mapping map)) {
            problems.add(value.at(), what + " is " + value.kind(), "write a map: {thp: always}");
            return settings;
        }
        for (Yaml.Entry entry : map.entries()) {
            String key = entry.key().text();
            if (entry.value() instanceof Yaml.Mapping nested) {
                for (Yaml.Entry inner : nested.entries()) {
                    setting(key + (SPACED.contains(key) ? " " : ".") + inner.key().text(), inner.key(), inner.value(), settings);
                }
            } else {
                setting(key, entry.key(), entry.value(), settings);
            }
        }
        return settings;
    }

    private void setting(String key, Yaml.Scalar written, Yaml value, SortedMap<String, String> settings) {
        Optional<SettingCatalog.Setting> setting = SettingCatalog.named(key);
        if (setting.isEmpty()) {
            problems.unknown(written.at(), "kernel setting", key, SettingCatalog.keys());
            return;
        }
        String text = value instanceof Yaml.Scalar scalar ? scalar.text() : "";
        Optional<String> canonical = setting.get().canonical(text);
        if (canonical.isEmpty()) {
            problems.add(value.at(), "'" + key + "' is " + value.kind(), "write " + setting.get().describe());
        } else if (!setting.get().modelled() && !canonical.get().equals(setting.get().defaultValue())) {
            problems.add(value.at(), "'" + key + "' at '" + canonical.get() + "' is not modelled yet",
                "leave it at " + setting.get().defaultValue());
        } else {
            settings.put(key, canonical.get());
        }
    }
}
