package org.foliofleet.protocol.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.junit.jupiter.api.Test;

/** Goal: 'swap' says how large the device is and what it is like. Method: one machine class after the other. */
class SwapReaderTest {
    private static ExperimentSpec load(String swap) {
        return SpecLoader.read(("version: 1\nname: s\nmachines:\n  - {name: host, nodes: [{memory: 64MiB}], swap: " + swap
                + ", processes: [{name: p, program: [{wait: 1ms}]}]}\n  - {name: other, like: host, swap: 1MiB}\n").getBytes(StandardCharsets.UTF_8), "s");
    }

    private static MachineClass host(String swap) {
        return load(swap).machines().get(0);
    }

    @Test
    void aSizeIsThatOfZram() {
        assertEquals(16384, host("64MiB").swapPages());
        assertEquals(Map.of(), host("64MiB").settings());
        assertEquals(0, host("none").swapPages());
    }

    @Test
    void aMapIsADeviceWithItsTimes() {
        ExperimentSpec spec = load("{size: 64MiB, device: block, latency: 3ms, page_time: 100ns, stable_writes: true}");
        Map<String, String> expected = Map.of("swap.device", "block", "swap.latency", "3000000", "swap.page_time", "100", "swap.stable_writes", "1");
        assertEquals(16384, spec.machines().get(0).swapPages());
        assertEquals(expected, spec.machines().get(0).settings());
        assertEquals(expected, spec.machines().get(1).settings(), "another size leaves the device as it is");
        assertEquals(256, spec.machines().get(1).swapPages());
        assertEquals(host("64MiB").settings(), host("{size: 64MiB, device: zram}").settings());
    }

    @Test
    void timesOfZramAndTimesThatAreTooLongAreRefused() {
        assertTrue(assertThrows(BadInput.class, () -> load("{size: 64MiB, latency: 3ms}")).getMessage().contains("write device: block"));
        assertTrue(assertThrows(BadInput.class, () -> load("{size: 64MiB, device: block, latency: 30s}")).getMessage()
                .contains("at most"));
        assertTrue(assertThrows(BadInput.class, () -> load("{device: block}")).getMessage().contains("size: 1GiB"));
    }
}
