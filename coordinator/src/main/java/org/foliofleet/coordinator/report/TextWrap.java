package org.foliofleet.coordinator.report;

import java.util.ArrayList;
import java.util.List;

/** Text in lines that are not too long. */
final class TextWrap {
    private TextWrap() {}

    /** The words in lines of at most that width; a longer word has its own. */
    static List<String> lines(String text, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.strip().split("\\s+")) {
            if (line.length() > 0 && line.length() + 1 + word.length() > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.length() == 0 ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }

    /** The text, or its beginning and dots. */
    static String shortened(String text, int width) {
        return text.length() <= width ? text : text.substring(0, Math.max(1, width - 3)) + "...";
    }
}
