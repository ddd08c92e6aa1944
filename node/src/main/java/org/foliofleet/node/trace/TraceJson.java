package org.foliofleet.node.trace;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.foliofleet.protocol.BadInput;

/** The result as a JSON file, for programs. */
final class TraceJson {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private TraceJson() {}

    static void write(TraceResult result, Path file) {
        try {
            Files.writeString(file, JSON.writeValueAsString(tree(result)) + "\n");
        } catch (IOException e) {
            throw new BadInput(file + ": the result cannot be written: " + e.getMessage()
                    + "; name a file that can be");
        }
    }

    static ObjectNode tree(TraceResult result) {
        ObjectNode root = JSON.createObjectNode();
        root.put("digest", result.digest());
        root.put("thp", result.thp());
        ArrayNode processes = root.putArray("processes");
        for (TraceResult.ProcessResult p : result.processes()) {
            processes.addObject().put("pid", p.pid()).put("comm", p.comm()).put("recordedFaults", p.recordedFaults())
                    .put("agreedFaults", p.agreedFaults()).put("harmlessFaults", p.harmlessFaults())
                    .put("signalFaults", p.signals())
                    .put("overlappingFaults", p.overlapping()).put("syscallsReplayed", p.syscallsReplayed())
                    .put("vmas", p.vmas())
                    .put("rssKb", p.rssKb()).put("peakRssKb", p.peakRssKb()).put("anonKb", p.anonKb())
                    .put("anonHugeKb", p.anonHugeKb()).put("thpCoverage", p.thpCoverage())
                    .put("cowFaults", p.copyOnWrite().recorded()).put("cowCopied", p.copyOnWrite().copied())
                    .put("cowReused", p.copyOnWrite().reused());
        }
        ArrayNode samples = root.putArray("samples");
        for (TraceResult.SampleResult s : result.samples()) {
            samples.addObject().put("time", s.time()).put("pid", s.pid()).put("comm", s.comm()).put("rssKb", s.rssKb())
                    .put("modelRssKb", s.modelRssKb()).put("anonHugeKb", s.anonHugeKb())
                    .put("modelAnonHugeKb", s.modelAnonHugeKb())
                    .put("anonKb", s.anonKb()).put("modelAnonKb", s.modelAnonKb());
        }
        ObjectNode notReplayed = root.putObject("notReplayed");
        result.notReplayed().forEach(notReplayed::put);
        ObjectNode otherCalls = root.putObject("otherCalls");
        result.otherCalls().forEach(otherCalls::put);
        root.put("lostSamples", result.lostSamples());
        root.put("assumedAreas", result.assumedAreas());
        return root;
    }
}
