package org.foliofleet.coordinator.report.html;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** HTML that is well formed whatever its texts are; it can be read as XML too, but for scripts and styles. */
final class Html {
    /** After these a line ends. */
    private static final Set<String> BLOCKS = Set.of("head", "title", "header", "section", "div", "p", "h1", "h2", "h3", "dl", "table", "thead", "tbody", "tr",
        "details", "pre", "main", "footer", "body", "noscript");

    private final StringBuilder text = new StringBuilder();
    private final Deque<String> open = new ArrayDeque<>();

    /** @param attributes names and values in turn; one with the value null is left out */
    Html open(String tag, String... attributes) {
        start(tag, attributes).append('>');
        open.push(tag);
        return this;
    }

    private StringBuilder start(String tag, String... attributes) {
        text.append('<').append(tag);
        for (int i = 0; i < attributes.length; i += 2) {
            if (attributes[i + 1] != null) {
                text.append(' ').append(attributes[i]).append("=\"").append(escaped(attributes[i + 1])).append('"');
            }
        }
        return text;
    }

    /** Ends what was opened last. */
    Html close() {
        String tag = open.pop();
        text.append("</").append(tag).append('>');
        if (BLOCKS.contains(tag)) {
            text.append('\n');
        }
        return this;
    }

    Html text(String words) {
        text.append(escaped(words));
        return this;
    }

    Html element(String tag, String words, String... attributes) {
        return open(tag, attributes).text(words).close();
    }

    /** An element without content. */
    Html empty(String tag, String... attributes) {
        start(tag, attributes).append("/>");
        return this;
    }

    /** A row of a table's head: a column whose name begins with # holds numbers. */
    Html head(List<String> columns) {
        open("thead").open("tr");
        columns.forEach(column -> element("th", column.startsWith("#") ? column.substring(1) : column, "scope", "col",
            "class", column.startsWith("#") ? "n" : null));
        return close().close();
    }

    Html cell(String words) {
        return element("td", words);
    }

    Html number(String words) {
        return element("td", words, "class", "n");
    }

    /** A script or style of this program, in which nothing is escaped. */
    Html raw(String tag, String content, String... attributes) {
        if (content.toLowerCase(Locale.ROOT).contains("</" + tag)) {
            throw new IllegalArgumentException("the content of a " + tag + " ends it");
        }
        start(tag, attributes).append('>').append(content).append("</").append(tag).append(">\n");
        return this;
    }

    /** A text of which the browser makes nothing but text: marked up characters, and none that hide or turn others. */
    static String escaped(String words) {
        StringBuilder safe = new StringBuilder(words.length() + 16);
        words.codePoints().forEach(point -> {
            switch (point) {
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '&' -> safe.append("&amp;");
                case '"' -> safe.append("&quot;");
                case '\'' -> safe.append("&#39;");
                default -> safe.appendCodePoint(isPlain(point) ? point : 0xFFFD);
            }
        });
        return safe.toString();
    }

    private static boolean isPlain(int point) {
        boolean control = point < 0x20 && point != '\n' && point != '\t' || point >= 0x7F && point < 0xA0;
        boolean turns = point >= 0x202A && point <= 0x202E || point >= 0x2066 && point <= 0x2069;
        return !control && !turns && point != 0xFFFE && point != 0xFFFF && (point < 0xD800 || point > 0xDFFF);
    }

    @Override
    public String toString() {
        if (!open.isEmpty()) {
            throw new IllegalStateException("still open: " + open);
        }
        return text.toString();
    }
}
