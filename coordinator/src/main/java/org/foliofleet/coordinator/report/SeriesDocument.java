package org.foliofleet.coordinator.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.ExperimentResult.ClassResult;
import org.foliofleet.protocol.series.Curves;
import org.foliofleet.protocol.series.Sample;
import org.foliofleet.protocol.series.Series;
import org.foliofleet.protocol.series.Track;

/** The series of all machine classes for programs, in base units: memory in bytes, time in seconds. */
public final class SeriesDocument {
    private static final ObjectMapper MAPPER = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT)
        .enable(JsonGenerator.Feature.WRITE_BIGDECIMAL_AS_PLAIN);
    private static final long PAGE = 4096;

    private SeriesDocument() {}

    /** A line for each value, below one with the names of the columns. Tracks of machines have no node. */
    public static String csv(ExperimentResult result) {
        StringBuilder text = new StringBuilder("machines,node,time_seconds,track,unit,value\n");
        for (ClassResult machines : result.classes()) {
            for (Sample sample : machines.series().samples()) {
                for (Track track : Track.values()) {
                    if (track.scope() == Track.Scope.MACHINE) {
                        line(text, machines.name(), "", sample, track, sample.get(track));
                    } else {
                        for (int node = 0; node < sample.nodes(); node++) {
                            line(text, machines.name(), Integer.toString(node), sample, track, sample.get(track, node));
                        }
                    }
                }
            }
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String machines, String node, Sample sample, Track track, long value) {
        text.append(quoted(machines)).append(',').append(node).append(',').append(seconds(sample.nanos()).toPlainString()).append(',').append(track.key()).append(',')
            .append(unit(track)).append(',').append(inBaseUnits(track, value).toPlainString()).append('\n');
    }

    /** A field of a line, such that spreadsheets take it for text and not for a formula. */
    static String quoted(String text) {
        String tame = text.matches("(?s)[=+@\\-\t\r].*") ? "'" + text : text;
        return tame.matches("[^\",\\r\\n]*") ? tame : '"' + tame.replace("\"", "\"\"") + '"';
    }

    /** The result as {@link ExperimentJson} has it, where it is from, and the series. */
    public static String json(ExperimentResult result, Provenance provenance) {
        try {
            ObjectNode root = MAPPER.createObjectNode();
            root.put("id", provenance.id()).put("file", provenance.source().name()).put("text", provenance.source().text());
            root.put("hosting", provenance.hosting()).put("version", Provenance.version());
            ObjectNode switches = root.putObject("switches");
            provenance.source().switches().forEach(switches::put);
            ObjectNode tracks = root.putObject("tracks");
            for (Track track : Track.values()) {
                tracks.putObject(track.key()).put("unit", unit(track)).put("kind", track.kind() == Track.Kind.GAUGE ? "gauge" : "counter")
                    .put("about", track.about());
            }
            ArrayNode classes = root.putArray("series");
            for (ClassResult machines : result.classes()) {
                series(machines.series(), classes.addObject().put("machines", machines.name()));
            }
            root.set("result", MAPPER.readTree(ExperimentJson.of(result)));
            return MAPPER.writeValueAsString(root) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of values can be written", e);
        }
    }

    private static void series(Series series, ObjectNode into) {
        Curves<BigDecimal> curves = Curves.of(series, SeriesDocument::inBaseUnits);
        into.set("time_seconds", MAPPER.valueToTree(curves.nanos().stream().map(SeriesDocument::seconds).toList()));
        into.set("machine", MAPPER.valueToTree(curves.machine()));
        into.set("nodes", MAPPER.valueToTree(curves.nodes()));
    }

    private static String unit(Track track) {
        return switch (track.unit()) {
            case COUNT -> "count";
            case PAGES -> "bytes";
            case NANOS -> "seconds";
        };
    }

    private static BigDecimal inBaseUnits(Track track, long value) {
        return switch (track.unit()) {
            case COUNT -> BigDecimal.valueOf(value);
            case PAGES -> BigDecimal.valueOf(value).multiply(BigDecimal.valueOf(PAGE));
            case NANOS -> seconds(value);
        };
    }

    private static BigDecimal seconds(long nanos) {
        BigDecimal seconds = BigDecimal.valueOf(nanos, 9).stripTrailingZeros();
        return seconds.scale() < 0 ? seconds.setScale(0) : seconds;
    }
}
