package org.foliofleet.node.conformance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.program.ContentTag;

/** The words of one line, taken from left to right. Whatever does not fit is {@link BadInput}. */
final class Words {
    /** More than any address space has pages. */
    private static final long MAX_PAGES = 1L << 40;
    private final String where;
    private final String[] words;
    private int next;

    Words(String text, String where) {
        String trimmed = text.strip();
        this.words = trimmed.isEmpty() ? new String[0] : trimmed.split("\\s+");
        this.where = where;
    }

    boolean more() {
        return next < words.length;
    }

    String peek() {
        return more() ? words[next] : "";
    }

    /** The next word; {@code what} says in the error what is missing. */
    String word(String what) {
        if (!more()) {
            throw bad("ends where " + what + " should be");
        }
        return words[next++];
    }

    /** Takes the next word if it is this one. */
    boolean accept(String word) {
        if (more() && words[next].equals(word)) {
            next++;
            return true;
        }
        return false;
    }

    /** A decimal number from 0 to {@code max}. */
    long number(String what, long max) {
        return number(word(what), what, max);
    }

    long number(String word, String what, long max) {
        boolean digits = !word.isEmpty() && word.length() <= 18 && word.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!digits || Long.parseLong(word) > max) {
            throw bad("'" + word + "' is not " + what + "; give a decimal number from 0 to " + max);
        }
        return Long.parseLong(word);
    }

    /** A number of pages or a page index. */
    long pages(String what) {
        return number(what, MAX_PAGES);
    }

    /** {@code START LEN} in the arena, as page numbers. */
    PageRange arenaRange() {
        long start = pages("a first page");
        return new PageRange(Arena.toPage(start), pages("a number of pages"));
    }

    /** {@code START LEN} in a file. */
    PageRange fileRange() {
        long start = pages("a first file page");
        return new PageRange(start, pages("a number of pages"));
    }

    int node(String what) {
        return (int) number(what, 62);
    }

    /** {@code 0,2}, or {@code -} for none. */
    List<Integer> nodes() {
        String word = word("a list of nodes");
        List<Integer> nodes = new ArrayList<>();
        if (!word.equals("-")) {
            for (String part : word.split(",", -1)) {
                nodes.add((int) number(part, "a node", 62));
            }
        }
        return List.copyOf(nodes);
    }

    /** {@code [tag T] [same]} up to the end of the line. */
    ContentTag content(int ordinal) {
        long tag = ordinal;
        boolean same = false;
        while (more()) {
            if (accept("tag")) {
                tag = number("a tag", 0xffff_ffffL);
            } else if (accept("same")) {
                same = true;
            } else {
                throw unknown("word", word("a word"), List.of("tag", "same"));
            }
        }
        return new ContentTag(tag, same);
    }

    /** The line must end here. */
    void end() {
        if (more()) {
            throw bad("has '" + words[next] + "' after its end; remove it");
        }
    }

    BadInput unknown(String kind, String word, Collection<String> known) {
        return bad("has the unknown " + kind + " '" + word + "'" + KnownWords.hint(word, known));
    }

    BadInput bad(String problem) {
        return new BadInput(where + ": '" + String.join(" ", Arrays.asList(words)) + "' " + problem);
    }
}
