package org.foliofleet.protocol.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.foliofleet.protocol.experiment.ExperimentSpec.Arrival;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.ExperimentSpec.ProcessGroup;
import org.foliofleet.protocol.experiment.ExperimentSpec.Stop;
import org.foliofleet.protocol.policy.Switch;
import org.foliofleet.protocol.program.Advice;
import org.foliofleet.protocol.program.Amount;
import org.foliofleet.protocol.program.CallName;
import org.foliofleet.protocol.program.Errno;
import org.foliofleet.protocol.program.Expectation;
import org.foliofleet.protocol.program.MachineCall;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.Step;
import org.junit.jupiter.api.Test;

class SpecLoaderTest {
    private static final String EXAMPLE = """
        version: 1
        name: example
        about: shows everything
        seed: -7
        tick: 500ns
        machines:
          - name: big
            count: 3
            nodes: [{memory: 4GiB, cpus: 8}, {memory: 1GiB, cpus: 0}]
            distances: [[10, 30], [30, 10]]
            swap: 1GiB
            kernel: {thp: always, mthp: {64k: madvise, 2048k: never}, khugepaged.max_ptes_none: 0, use_zero_page: 0}
            policies: {refcount_bits: 16, refcount_overflow: saturate}
            files: [{name: data, pages: 512, shmem: true}]
            processes:
              - {name: a, count: 4, arrival: {every: exponential(1ms)}, lifetime: uniform(1s..2s), node: spread, program: main}
              - name: b
                arrival: at once
                program:
                  - wait: 1ms
          - {name: small, like: big, count: 1, swap: none, kernel: {thp: madvise}, policies: {refcount_bits: 64}}
        programs:
          main:
            - mmap: {name: buf, size: 2MiB, prot: rw}
            - madvise: {in: buf, advice: hugepage}
              expect: ok
            - madvise: {in: buf, at: 4KiB, size: 4KiB, advice: collapse}
              expect: EINVAL
            - set: {khugepaged: {max_ptes_none: 1}}
            - exit
        stop: {at: 2s, ticks: 1000, when: idle}
        assert:
          - refcount_headroom >= 10%
          - {that: 'split_fail{pinned} > 0', machines: big}
          - counter{thp_split_page} == 0
          - resident <= 2MiB
        summary: [split_ok, 'calls_failed{madvise,EINVAL}']
        """;

    private static ExperimentSpec read(String yaml) {
        return SpecLoader.read(yaml.getBytes(StandardCharsets.UTF_8), "test.yaml");
    }

    @Test
    void everythingIsReadAsItIsWritten() {
        ExperimentSpec spec = read(EXAMPLE);
        assertEquals("example", spec.name());
        assertEquals(-7, spec.seed());
        assertEquals(500, spec.tickNanos());
        assertEquals(new Stop(2_000_000_000L, 1000, true), spec.stop());
        MachineClass big = spec.machines().get(0);
        assertEquals(3, big.count());
        assertEquals(List.of(new ExperimentSpec.NumaNode(1 << 20, 8), new ExperimentSpec.NumaNode(1 << 18, 0)), big.nodes());
        assertEquals(List.of(List.of(10, 30), List.of(30, 10)), big.distances());
        assertEquals(1 << 18, big.swapPages());
        assertEquals(Map.of("thp", "always", "mthp 64k", "madvise", "mthp 2048k", "never", "khugepaged.max_ptes_none", "0",
                "use_zero_page", "0"), big.settings());
        assertEquals(Map.of(Switch.REFCOUNT_BITS, "16", Switch.REFCOUNT_OVERFLOW, "saturate"), big.policies().departures());
        assertEquals(List.of(new ExperimentSpec.FileObject("data", 512, true)), big.files());
        ProcessGroup a = big.processes().get(0);
        assertEquals(new Arrival.Every(new Amount.Exponential(1_000_000)), a.arrival());
        assertEquals(new Amount.Uniform(1_000_000_000L, 2_000_000_000L, 1), a.lifetime());
        assertEquals(ProcessGroup.SPREAD, a.node());
        assertEquals(4, spec.assertions().size());
        assertEquals(1000, spec.assertions().get(0).value(), "10 % in hundredths of a percent");
        assertEquals(512, spec.assertions().get(3).value(), "2 MiB in pages");
        assertEquals(MetricKey.of(Metric.CALLS_FAILED, "madvise", "EINVAL"), spec.summary().get(1));
    }

    @Test
    void aClassThatIsLikeAnotherSaysOnlyWhatDiffers() {
        ExperimentSpec spec = read(EXAMPLE);
        MachineClass big = spec.machines().get(0);
        MachineClass small = spec.machines().get(1);
        assertEquals(1, small.count());
        assertEquals(0, small.swapPages());
        assertEquals(big.nodes(), small.nodes());
        assertEquals(big.distances(), small.distances());
        assertEquals(big.processes(), small.processes());
        assertEquals(null, small.settings().get("thp"), "madvise is the default and need not be kept");
        assertEquals("madvise", small.settings().get("mthp 64k"));
        assertEquals(Map.of(Switch.REFCOUNT_BITS, "64", Switch.REFCOUNT_OVERFLOW, "saturate"), small.policies().departures());
    }

    @Test
    void stepsBecomeCalls() {
        List<Step> steps = read(EXAMPLE).machines().get(0).processes().get(0).program().steps();
        Step.Call mmap = assertInstanceOf(Step.Call.class, steps.get(0));
        assertEquals("buf", mmap.region());
        assertTrue(mmap.at().at().isConstant(), "a mapping without a place gets one");
        Step.Call advise = assertInstanceOf(Step.Call.class, steps.get(1));
        assertEquals(Expectation.of(Expectation.Kind.OK), advise.expect());
        assertEquals(Advice.HUGEPAGE, assertInstanceOf(MemoryCall.Madvise.class, advise.template()).advice());
        assertEquals(Expectation.of(Errno.EINVAL), assertInstanceOf(Step.Call.class, steps.get(2)).expect());
        assertEquals(new MachineCall.Set("khugepaged.max_ptes_none", "1"),
                assertInstanceOf(Step.Operate.class, steps.get(3)).call());
    }

    @Test
    void everyCallOfTheGrammarCanBeWrittenAndHasThatName() {
        String place = "at: 0, size: 64KiB";
        Map<String, String> arguments = Map.ofEntries(
                Map.entry("mmap", "{at: 0, size: 4KiB, prot: rw, shared: true, file: f, offset: 4KiB, flags: [locked], "
                        + "replace: true}"),
                Map.entry("mprotect", "{" + place + ", prot: r}"), Map.entry("madvise", "{" + place + ", advice: cold}"),
                Map.entry("mremap", "{" + place + ", to: 1MiB, dontunmap: true}"), Map.entry("relocate-moves", "{on: true}"), Map.entry("oom-score-adj", "{value: -1000}"), Map.entry("exec", ""), Map.entry("exit", ""),
                Map.entry("pin", "{handle: h, " + place + "}"), Map.entry("unpin", "h"), Map.entry("dma-write", "h"),
                Map.entry("uffd-monitor", "{latency: 20us, batch: 64KiB, tag: 7}"),
                Map.entry("getref", "{handle: h, " + place + "}"), Map.entry("putref", "h"),
                Map.entry("uffd-register", "{" + place + ", modes: [missing, wp]}"),
                Map.entry("uffd-move", "{" + place + ", to: 2MiB}"),
                Map.entry("punch-hole", "{file: f, " + place + "}"), Map.entry("fallocate", "{file: f, " + place + "}"),
                Map.entry("ftruncate", "{file: f, size: 0}"), Map.entry("pwrite", "{file: f, " + place + ", tag: 3}"),
                Map.entry("cpu", "1"), Map.entry("mempolicy", "{mode: bind, nodes: [0, 1]}"),
                Map.entry("mbind", "{" + place + ", mode: bind, nodes: [0], flags: [move]}"),
                Map.entry("home-node", "{" + place + ", node: 1}"), Map.entry("migrate-pages", "{from: [0], to: [1]}"),
                Map.entry("move-pages", "{" + place + ", node: 1}"), Map.entry("numa-scan", ""),
                Map.entry("split", "{" + place + ", order: 4, offset: 3}"));
        StringBuilder steps = new StringBuilder("    - pin: {handle: h, at: 0, size: 4KiB}\n    - getref: {handle: h, at: 0, "
                + "size: 4KiB}\n");
        List<String> calls = CallParser.CALLS.stream().filter(call -> !call.equals("exit")).toList();
        calls.forEach(call -> steps.append("    - ").append(call).append(": ")
                .append(arguments.getOrDefault(call, "{" + place + "}")).append('\n'));
        ExperimentSpec spec = read("""
            version: 1
            name: calls
            machines:
              - name: host
                nodes: [{memory: 1GiB}, {memory: 1GiB}]
                files: [{name: f, size: 64KiB}]
                processes: [{name: p, program: all}]
            programs:
              all:
            """ + steps);
        List<Step> read = spec.machines().get(0).processes().get(0).program().steps();
        for (int i = 0; i < calls.size(); i++) {
            Step.Call call = assertInstanceOf(Step.Call.class, read.get(i + 2));
            assertEquals(calls.get(i), CallName.of(call.template()));
        }
    }

    @Test
    void bundledExperimentsCanBeUsed() {
        for (String name : SpecLoader.BUNDLED) {
            ExperimentSpec spec = SpecLoader.load(name);
            assertEquals(name, spec.name());
            assertTrue(spec.about().length() > 20, name + " says what it is for");
            assertTrue(!spec.assertions().isEmpty(), name + " asserts something");
        }
    }

    @Test
    void theDigestIsThatOfTheMeaning() {
        String digest = read(EXAMPLE).digest();
        assertEquals(digest, read("# a remark\n\n" + EXAMPLE).digest(), "remarks and lines do not matter");
        assertEquals(digest, read(EXAMPLE.replace("memory: 4GiB, cpus: 8", "cpus: 8, memory: 4096MiB")).digest());
        assertEquals(digest, read(EXAMPLE.replace("thp: always, ", "").replace("use_zero_page: 0}",
                "use_zero_page: 0, thp: always}")).digest(), "nor does the order of settings");
        for (String[] change : new String[][] {{"seed: -7", "seed: -8"}, {"tick: 500ns", "tick: 501ns"},
            {"advice: hugepage", "advice: cold"}, {"count: 4", "count: 5"}, {"saturate", "wide"}, {"EINVAL\n", "EPERM\n"},
            {"size: 2MiB", "size: 4MiB"}, {"exponential(1ms)", "exponential(2ms)"}, {"cpus: 0", "cpus: 1"}}) {
            assertNotEquals(digest, read(EXAMPLE.replace(change[0], change[1])).digest(), change[1]);
        }
        assertNotEquals(digest, read(EXAMPLE).withSeed(3).digest());
    }

    @Test
    void theDigestDoesNotDependOnTheLocale() {
        Locale before = Locale.getDefault();
        String digest = read(EXAMPLE).digest();
        try {
            Locale.setDefault(Locale.forLanguageTag("tr-TR"));
            assertEquals(digest, read(EXAMPLE).digest());
        } finally {
            Locale.setDefault(before);
        }
    }

    /** A digest that changes by itself makes published results unrepeatable; change this only with the grammar. */
    @Test
    void theDigestOfAPublishedExperimentStays() {
        ExperimentSpec spec = read("version: 1\nname: golden\nmachines:\n  - name: m\n    nodes: [{memory: 1GiB}]\n"
                + "    processes: [{name: p, program: [{wait: 1ms}]}]\n");
        assertEquals("a8f4c94abc55be36cb2dca2ac3f6aec9b614ab9136cfb033278436ddfe7a7f4e", spec.digest());
    }
}
