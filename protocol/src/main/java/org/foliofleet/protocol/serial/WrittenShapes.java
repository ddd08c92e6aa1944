package org.foliofleet.protocol.serial;

import java.util.Map;
import java.util.TreeMap;

/** The shapes of all classes in one generation of the format, and what has become of them since. */
final class WrittenShapes {
    private final Map<String, WrittenShape> byName = new TreeMap<>();
    private final Migrations migrations;

    WrittenShapes(Iterable<WrittenShape> shapes, Migrations migrations) {
        shapes.forEach(shape -> byName.put(shape.name(), shape));
        this.migrations = migrations;
    }

    Migrations migrations() {
        return migrations;
    }

    /** All shapes by name. */
    Map<String, WrittenShape> byName() {
        return byName;
    }

    /** How a class that exists was written; null if nothing is known of it, or it is written in a way of its own. */
    WrittenShape of(String nameNow) {
        WrittenShape shape = byName.get(migrations.nameThen(nameNow, byName.keySet()));
        return shape == null || shape.kind().equals("codec") ? null : shape;
    }

    /** Whether something with the first signature can be read as the second, which is of today. */
    boolean isSame(String then, String now) {
        if (then.equals(now)) {
            return true;
        }
        int name = then.indexOf(':') + 1;
        return name > 0 && (then.substring(0, name) + migrations.nameNow(then.substring(name))).equals(now);
    }

    /** Reads an object of that class, as it was called then, and forgets it. */
    void skip(String nameThen, Decoder in) {
        WrittenShape shape = byName.get(nameThen);
        if (shape == null || shape.kind().equals("codec")) {
            Shape.named(nameThen, in).read(in);
        } else if (shape.kind().equals("enum")) {
            in.readName();
        } else {
            shape.slots().forEach(slot -> slot.skip(in));
        }
    }
}
