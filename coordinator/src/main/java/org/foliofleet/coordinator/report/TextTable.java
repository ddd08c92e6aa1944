package org.foliofleet.coordinator.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Columns of text: the first ones, which hold words, are set to the left, the others, which hold numbers, to the right. */
public final class TextTable {
    private final int wordColumns;
    private final List<List<String>> rows = new ArrayList<>();

    public TextTable(int wordColumns) {
        this.wordColumns = wordColumns;
    }

    public void row(String... cells) {
        rows.add(Arrays.asList(cells));
    }

    public void row(List<String> cells) {
        rows.add(List.copyOf(cells));
    }

    @Override
    public String toString() {
        int columns = rows.stream().mapToInt(List::size).max().orElse(0);
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder("  ");
            for (int i = 0; i < row.size(); i++) {
                String padding = " ".repeat(widths[i] - row.get(i).length());
                line.append(i == 0 ? "" : "  ").append(i < wordColumns ? row.get(i) + padding : padding + row.get(i));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }
}
