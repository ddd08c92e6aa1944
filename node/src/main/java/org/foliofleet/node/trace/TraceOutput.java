package org.foliofleet.node.trace;

/** Where a run says what it does. */
public interface TraceOutput {
    /** How far the reading is, 0 to 1. */
    void progress(double done);

    /** One line of the report. */
    void line(String text);
}
