package org.foliofleet.protocol.program;

/**
 * Where something was written in an experiment file. It explains; it is not part of what the experiment is, so all
 * lines are equal and none is in a digest.
 *
 * @param line   from 1
 * @param column from 1
 */
public record SourceLine(int line, int column) {
    public static final SourceLine NONE = new SourceLine(0, 0);

    @Override
    public boolean equals(Object other) {
        return other instanceof SourceLine;
    }

    @Override
    public int hashCode() {
        return 0;
    }
}
