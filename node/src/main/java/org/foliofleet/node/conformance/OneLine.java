package org.foliofleet.node.conformance;

/** Messages that quote files stay one readable line, whatever the files hold. */
final class OneLine {
    private static final int MAX = 500;

    private OneLine() {}

    /** The text without control characters, cut off where it gets long. */
    static String of(String text) {
        String printable = text.replaceAll("[\\p{Cntrl}\\u2028\\u2029]+", " ");
        return printable.length() <= MAX ? printable
                : printable.substring(0, MAX / 2) + " … " + printable.substring(printable.length() - MAX / 2);
    }
}
