package org.foliofleet.node.mm.ksm;

/** {@code struct ksm_mm_slot}: a process that ksmd scans; {@code exiting}: its memory is gone, what is known of it goes next. */
record Slot(int process, boolean exiting) {}
