package org.foliofleet.coordinator.format;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.foliofleet.coordinator.experiment.ExperimentSettings;
import org.foliofleet.node.journal.JournalRecord;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.protocol.experiment.MachineResult;
import org.foliofleet.protocol.serial.Encodable;
import org.foliofleet.protocol.serial.FormatHistory;
import org.foliofleet.protocol.serial.Wire;

/** The classes that may occur in a journal or in a batch between lanes: rather some that never do than one too few. */
final class JournalClasses {
    private static final String OURS = "org.foliofleet.";
    private static final List<String> PACKAGES = List.of("protocol.message.", "protocol.id.", "protocol.program.", "protocol.policy.",
        "protocol.control.", "protocol.series.", "node.mm.", "node.journal.JournalRecord", "node.journal.PreparedLane", "node.actor.LaneMessage",
        "coordinator.experiment.ExperimentEvent", "coordinator.experiment.DirectoryEvent");
    /** Parts of programs that look at owners and are no part of them. */
    private static final List<String> NOT = List.of("node.mm.collection.");

    private final TreeSet<Class<?>> classes = new TreeSet<>(Comparator.comparing((Class<?> type) -> type.getName()));
    private final Map<Class<?>, Class<?>> owners = new TreeMap<>(Comparator.comparing((Class<?> type) -> type.getName()));
    private final ArrayDeque<Class<?>> open = new ArrayDeque<>();

    /** Their shapes, a line each. */
    static List<String> listing() {
        JournalClasses all = new JournalClasses();
        for (Class<?> module : new Class<?>[] {Wire.class, JournalRecord.class, ExperimentSettings.class}) {
            all.scan(module);
        }
        all.owners.put(KernelSettings.class, Object.class);
        all.take(MachineResult.class);
        all.close();
        List<String> lines = FormatHistory.listing(all.classes, all.owners);
        for (int known = -1; known < all.classes.size();) {
            known = all.classes.size();
            lines.forEach(all::takeNamed);
            all.close();
            lines = FormatHistory.listing(all.classes, all.owners);
        }
        return lines;
    }

    private void scan(Class<?> inModule) {
        try {
            Path place = Path.of(inModule.getProtectionDomain().getCodeSource().getLocation().toURI());
            if (Files.isDirectory(place)) {
                scan(place);
                return;
            }
            try (FileSystem jar = FileSystems.newFileSystem(place)) {
                scan(jar.getPath("/"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A directory of classes, or the root of a jar. */
    private void scan(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            files.map(file -> root.relativize(file).toString().replace('/', '.').replace('\\', '.'))
                .filter(name -> name.endsWith(".class") && name.startsWith(OURS))
                .map(name -> name.substring(OURS.length(), name.length() - ".class".length()))
                .filter(name -> PACKAGES.stream().anyMatch(name::startsWith) && NOT.stream().noneMatch(name::startsWith))
                .forEach(name -> consider(named(name)));
        }
    }

    private static Class<?> named(String name) {
        try {
            return Class.forName(OURS + name, false, JournalClasses.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    private void consider(Class<?> type) {
        if (Owner.class.isAssignableFrom(type) && !Modifier.isAbstract(type.getModifiers())) {
            owners.put(type, Owner.class);
        } else if (type.isRecord() || type.isEnum()) {
            take(type);
        } else if (Encodable.class.isAssignableFrom(type) && !type.isInterface() && !Modifier.isAbstract(type.getModifiers())) {
            take(type);
        }
    }

    private void take(Class<?> type) {
        if (type.getName().startsWith(OURS) && !type.isInterface() && !Modifier.isAbstract(type.getModifiers()) && !type.isAnonymousClass()
            && classes.add(type)) {
            open.add(type);
        }
    }

    /** Adds what the components of records are declared as, elements of collections too. */
    private void close() {
        for (Class<?> type = open.poll(); type != null; type = open.poll()) {
            if (type.isRecord()) {
                for (RecordComponent component : type.getRecordComponents()) {
                    take(component.getGenericType());
                }
            }
        }
    }

    private void take(Type type) {
        if (type instanceof Class<?> plain && (plain.isRecord() || plain.isEnum())) {
            take(plain);
        } else if (type instanceof ParameterizedType generic) {
            for (Type argument : generic.getActualTypeArguments()) {
                take(argument);
            }
        }
    }

    /** Classes of state that the fields of others are declared as. */
    private void takeNamed(String line) {
        for (String word : line.split(" ")) {
            int at = word.indexOf("=s:");
            at = at < 0 ? word.indexOf("=k:") : at;
            if (at >= 0) {
                Class<?> type = named(word.substring(at + 3));
                if (!owners.containsKey(type)) {
                    take(type);
                }
            }
        }
    }
}
