package org.foliofleet.protocol.experiment;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.foliofleet.protocol.experiment.ExperimentSpec.DriverMemory;
import org.foliofleet.protocol.experiment.ExperimentSpec.FileObject;
import org.foliofleet.protocol.program.DeviceKind;

/** Reads the files and devices of a machine class. */
final class FilesReader {
    private static final int MAX_ORDER = 9;

    private final Problems problems;
    private final Values values;

    FilesReader(Problems problems) {
        this.problems = problems;
        this.values = new Values(problems);
    }

    List<FileObject> read(Yaml written, int nodes) {
        Map<String, FileObject> files = new LinkedHashMap<>();
        for (Yaml item : values.list(written, "'files'")) {
            FileObject file = file(new Fields(item, "a file", problems), nodes);
            if (files.putIfAbsent(file.name(), file) != null) {
                problems.add(item.at(), "file '" + file.name() + "' stands twice", "give it another name");
            }
        }
        return new ArrayList<>(files.values());
    }

    private FileObject file(Fields f, int nodes) {
        Yaml name = f.required("name", "write name: data");
        Yaml pages = f.optional("pages");
        Yaml size = f.optional("size");
        Yaml shmem = f.optional("shmem");
        Yaml device = f.optional("device");
        if (f.isMap() && (pages == null) == (size == null)) {
            problems.add(f.at(), "a file needs its length", "write either size: 2MiB or pages: 512");
        }
        long length = pages != null ? values.integer(pages, "'pages'", 1, Units.PAGES.limit())
            : size != null ? values.fixed(size, "'size'", Units.PAGES, 1) : 1;
        if (shmem != null && device != null) {
            problems.add(f.at(), "it is shmem and a device", "keep one of 'shmem' and 'device'");
        }
        DriverMemory memory = driverMemory(device, f, nodes);
        f.finish();
        return new FileObject(name == null ? "unnamed" : values.name(name, "file"), length,
            shmem != null && values.bool(shmem, "'shmem'"), memory);
    }

    private DriverMemory driverMemory(Yaml device, Fields f, int nodes) {
        Yaml order = f.optional("order");
        Yaml node = f.optional("node");
        if (device == null) {
            for (Yaml alone : new Yaml[] {order, node}) {
                if (alone != null) {
                    problems.add(alone.at(), "'" + (alone == order ? "order" : "node") + "' is about the memory of a device",
                        "add 'device: " + DeviceKind.words().get(0) + "' or remove it");
                }
            }
            return null;
        }
        return new DriverMemory(DeviceKind.named(values.word(device, "'device'", DeviceKind.words())),
            order == null ? 0 : (int) values.integer(order, "'order'", 0, MAX_ORDER),
            node == null ? 0 : (int) values.integer(node, "'node'", 0, nodes - 1L));
    }
}
