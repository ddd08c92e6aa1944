package org.foliofleet.node.journal;

import java.util.Collection;
import java.util.Locale;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;

/** Events for people: the name of the fact, then its numbers. */
public final class EventWords {
    private EventWords() {}

    /** Such as {@code split: head 512, pieces [frame 512, pages 512, order 0]}. */
    public static String of(Object event) {
        StringBuilder text = new StringBuilder(spaced(event.getClass().getSimpleName()));
        if (event instanceof Record record) {
            String parts = parts(record);
            text.append(parts.isEmpty() ? "" : ": ").append(parts);
        }
        return text.toString();
    }

    private static String spaced(String name) {
        String words = name.replaceAll("(?<=[a-z0-9])(?=[A-Z])", " ");
        return words.toLowerCase(Locale.ROOT);
    }

    private static String parts(Record record) {
        StringBuilder text = new StringBuilder();
        for (RecordParts.Part part : RecordParts.of(record)) {
            String value = value(part.value());
            if (!value.isEmpty()) {
                text.append(text.length() == 0 ? "" : ", ").append(spaced(part.name())).append(' ').append(value);
            }
        }
        return text.toString();
    }

    private static String value(Object value) {
        if (value == null) {
            return "";
        }
        if (value instanceof PageRuns runs) {
            StringBuilder text = new StringBuilder("[");
            for (int i = 0; i < runs.size(); i++) {
                text.append(i == 0 ? "" : "; ").append(entry(runs.start(i), runs.count(i), runs.entry(i)));
            }
            return text.append(']').toString();
        }
        if (value instanceof FrameRuns runs) {
            StringBuilder text = new StringBuilder("[");
            for (int i = 0; i < runs.size(); i++) {
                text.append(i == 0 ? "" : ", ").append(range(runs.start(i), runs.count(i)));
            }
            return text.append(']').toString();
        }
        if (value instanceof Collection<?> all) {
            StringBuilder text = new StringBuilder("[");
            for (Object element : all) {
                text.append(text.length() == 1 ? "" : "; ").append(value(element));
            }
            return text.append(']').toString();
        }
        if (value instanceof long[] cells) {
            return cells(cells);
        }
        if (value instanceof Pte pte) {
            return spaced(pte.state().name()) + " order " + pte.order() + " flags " + Integer.toHexString(pte.flags());
        }
        if (value instanceof Record record && value.getClass().getName().startsWith("org.foliofleet.protocol.id.")) {
            return record.toString();
        }
        return value instanceof Record record ? "(" + parts(record) + ")" : value.toString();
    }

    /** Those of a table that are not 0, by number. */
    private static String cells(long[] cells) {
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < cells.length; i++) {
            if (cells[i] != 0) {
                text.append(text.length() == 1 ? "" : ", ").append(i).append(": ").append(cells[i]);
            }
        }
        return text.append(']').toString();
    }

    private static String entry(long page, long count, Pte entry) {
        String pages = "pages " + range(page, count);
        return switch (entry.state()) {
            case PRESENT, MIGRATION -> pages + (entry.isPresent() ? " map" : " migrate from") + " frames " + range(entry.frame(page), count)
                    + " order " + entry.order() + " flags " + Integer.toHexString(entry.flags());
            case SWAP -> pages + " in swap " + range(entry.frame(page), count);
            default -> pages + " " + spaced(entry.state().name());
        };
    }

    private static String range(long start, long count) {
        return count == 1 ? Long.toString(start) : start + "-" + (start + count - 1);
    }
}
