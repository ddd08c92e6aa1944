package org.foliofleet.protocol.serial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Goal: what was written is read by a program whose classes have changed since. Method: writes classes and reads them as others
 * that have become of them.
 */
class OlderShapesTest {
    private static final String HERE = "protocol.serial.OlderShapesTest$";

    enum ColourThen { RED, GREEN }

    enum ColourNow { BLUE, LIME, RED }

    record Gone(String word, Gone inner, List<Long> numbers) {}

    record PointThen(long x, Gone gone, int height, ColourThen colour, boolean old, List<Gone> rest, String last) {}

    record PointNow(String last, int altitude, long x, ColourNow colour, int weight, List<Object> rest, List<Long> more, ColourNow second) {}

    static final class InnerThen {
        private long kept = 1;
        private final long[] gone = {3, 4};
        private final List<Long> list = new ArrayList<>();
    }

    static final class StateThen {
        private final long[][] arrays = {{1, 2}, {3}};
        private final InnerThen inner = new InnerThen();
        private final TreeMap<String, Long> map = new TreeMap<>();
        private ColourThen colour = ColourThen.GREEN;
        private Object[] things = {"a", 1L};
    }

    static final class InnerNow {
        private long kept;
        private final List<Long> list = new ArrayList<>();
        private String fresh = "fresh";
    }

    static final class StateNow {
        private final InnerNow inner = new InnerNow();
        private final TreeMap<String, Long> table = new TreeMap<>();
        private ColourNow colour;
        private final List<String> added = new ArrayList<>(List.of("there"));
    }

    private static final String[] MIGRATIONS = {
        "class " + HERE + "PointThen " + HERE + "PointNow",
        "class " + HERE + "ColourThen " + HERE + "ColourNow",
        "class " + HERE + "StateThen " + HERE + "StateNow",
        "class " + HERE + "InnerThen " + HERE + "InnerNow",
        "gone " + HERE + "Gone",
        "slot " + HERE + "PointNow height altitude",
        "slot " + HERE + "StateNow map table",
        "default " + HERE + "PointNow weight 7",
        "default " + HERE + "PointNow more []",
        "default " + HERE + "PointNow second BLUE",
        "constant " + HERE + "ColourNow GREEN LIME",
    };

    private static WrittenShapes then(String... migrations) {
        List<String> listing = FormatHistory.listing(List.of(PointThen.class, ColourThen.class, Gone.class, StateThen.class, InnerThen.class), Map.of());
        return new WrittenShapes(listing.stream().map(WrittenShape::of).toList(), Migrations.of(Arrays.asList(migrations)));
    }

    private static Decoder older(Encoder written, String... migrations) {
        Decoder in = new Decoder(written.toBytes());
        in.writtenIn(then(migrations));
        return in;
    }

    @Test
    void componentsAreRenamedAddedAndLeftOutInAnyOrder() {
        Encoder out = new Encoder();
        Gone gone = new Gone("g", new Gone("inner", null, List.of()), List.of(1L));
        out.writeValue(List.of(new PointThen(5, gone, 9, ColourThen.GREEN, true, List.of(gone), "last"), "after"));
        Decoder in = older(out, MIGRATIONS);
        assertEquals(List.of(new PointNow("last", 9, 5, ColourNow.LIME, 7, Arrays.asList((Object) null), List.of(), ColourNow.BLUE), "after"),
            in.readValue());
        in.requireEnd();
    }

    @Test
    void stateKeepsWhatItsConstructorMadeWhereNothingWasWritten() {
        StateThen then = new StateThen();
        then.map.put("one", 1L);
        then.inner.kept = 42;
        then.inner.list.add(8L);
        Encoder out = new Encoder();
        out.writeState(then, Object.class);
        out.writeString("after");
        StateNow now = new StateNow();
        Decoder in = older(out, MIGRATIONS);
        in.readState(now, Object.class);
        assertEquals("after", in.readString());
        assertEquals(42, now.inner.kept);
        assertEquals(List.of(8L), now.inner.list);
        assertEquals("fresh", now.inner.fresh);
        assertEquals(Map.of("one", 1L), now.table);
        assertEquals(ColourNow.LIME, now.colour);
        assertEquals(List.of("there"), now.added);
        assertEquals(3, then.arrays[1][0] + then.inner.gone.length - 2 + (then.things.length - 2));
    }

    @Test
    void aClassOfWhichNobodySaysWhatHasBecomeIsToldByName() {
        Encoder out = new Encoder();
        out.writeValue(new PointThen(5, null, 9, ColourThen.RED, true, List.of(), ""));
        byte[] bytes = new String(out.toBytes(), java.nio.charset.StandardCharsets.ISO_8859_1).replace("PointThen", "PointGone")
            .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        Decoder in = new Decoder(bytes);
        in.writtenIn(then());
        assertTrue(assertThrows(DecodingException.class, in::readValue).getMessage().contains("PointGone"));
    }

    @Test
    void shapesAreListedAndReadBack() {
        String line = FormatHistory.listing(List.of(PointThen.class), Map.of()).get(0);
        assertEquals("record " + HERE + "PointThen x=n gone=k:" + HERE + "Gone height=n colour=k:" + HERE + "ColourThen old=b rest=a last=a", line);
        assertEquals(line, WrittenShape.of(line).line());
        assertEquals("state " + HERE + "StateThen arrays=[[j colour=k:" + HERE + "ColourThen inner=s:" + HERE + "InnerThen map=a things=[a",
            FormatHistory.listing(List.of(StateThen.class), Map.of()).get(0));
    }
}
