package org.foliofleet.protocol.program;

import java.util.Locale;

/** The names of calls in experiment files and reports. */
public final class CallName {
    /** {@link MemoryCall.Pin}. */
    public static final String PIN = "pin";

    private CallName() {}

    public static String of(MemoryCall call) {
        if (call instanceof MemoryCall.MemWrite) {
            return "memwrite";
        } else if (call instanceof MemoryCall.GetRef) {
            return "getref";
        } else if (call instanceof MemoryCall.PutRef) {
            return "putref";
        } else if (call instanceof MemoryCall.UffdWriteProtect uffd) {
            return uffd.protect() ? "uffd-wp" : "uffd-unwp";
        } else if (call instanceof MemoryCall.SetMempolicy) {
            return "mempolicy";
        } else if (call instanceof MemoryCall.SetHomeNode) {
            return "home-node";
        }
        return kebab(call.getClass().getSimpleName());
    }

    public static String of(MachineCall call) {
        return call instanceof MachineCall.ShrinkSlab ? "shrink" : kebab(call.getClass().getSimpleName());
    }

    private static String kebab(String camel) {
        return camel.replaceAll("(?<=[a-z])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
    }
}
