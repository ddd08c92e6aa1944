package org.foliofleet.node.mm;

/** The kernel release that the model follows. */
public final class KernelBaseline {
    public static final String VERSION = "6.18";

    private KernelBaseline() {}
}
