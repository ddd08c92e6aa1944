package org.foliofleet.protocol.experiment;

import java.util.Collection;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;

/** Writes maps, collections, text, numbers and truth values as JSON. */
final class JsonText {
    private final StringBuilder text = new StringBuilder();

    private JsonText() {}

    static String of(Object value) {
        JsonText json = new JsonText();
        json.write(value, "\n");
        return json.text.append('\n').toString();
    }

    private void write(Object value, String line) {
        if (value instanceof Map<?, ?> map) {
            Iterator<? extends Map.Entry<?, ?>> entries = map.entrySet().iterator();
            list(entries, '{', '}', line, entry -> {
                string(String.valueOf(entry.getKey()));
                text.append(": ");
                write(entry.getValue(), line + "  ");
            });
        } else if (value instanceof Collection<?> list) {
            boolean plain = list.stream().noneMatch(item -> item instanceof Map || item instanceof Collection);
            list(list.iterator(), '[', ']', plain ? "" : line, item -> write(item, line + "  "));
        } else if (value instanceof Number || value instanceof Boolean || value == null) {
            text.append(value);
        } else {
            string(value.toString());
        }
    }

    private interface Each<T> {
        void write(T item);
    }

    /** @param line what begins a line; empty: all in one */
    private <T> void list(Iterator<T> items, char open, char close, String line, Each<T> each) {
        text.append(open);
        boolean any = items.hasNext();
        while (items.hasNext()) {
            text.append(line.isEmpty() ? "" : line + "  ");
            each.write(items.next());
            text.append(!items.hasNext() ? "" : line.isEmpty() ? ", " : ",");
        }
        text.append(any ? line : "").append(close);
    }

    private void string(String string) {
        text.append('"');
        for (char c : string.toCharArray()) {
            switch (c) {
                case '"', '\\' -> text.append('\\').append(c);
                case '\n' -> text.append("\\n");
                default -> text.append(c < ' ' ? String.format(Locale.ROOT, "\\u%04x", (int) c) : Character.toString(c));
            }
        }
        text.append('"');
    }
}
