package org.foliofleet.node.mm.machine;

import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.control.KernelControl;

/** The kernel's settings: what all owners see in a tick, and what they will see from the next on. */
public final class TickSettings {
    private KernelSettings now;
    private KernelSettings toCome;

    public TickSettings(KernelSettings settings) {
        set(settings);
    }

    public KernelSettings now() {
        return now;
    }

    /** Changes them between two ticks. */
    public void set(KernelSettings settings) {
        now = settings;
        toCome = settings;
    }

    /** Looks whether an event changes any. */
    public void happened(Object event) {
        if (event instanceof KernelControl.SettingChanged changed) {
            toCome = toCome.with(changed.key(), changed.value());
        }
    }

    /** The tick is over. */
    public void endTick() {
        now = toCome;
    }
}
