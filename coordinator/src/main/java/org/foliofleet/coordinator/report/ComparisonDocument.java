package org.foliofleet.coordinator.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import org.foliofleet.protocol.compare.Compared;
import org.foliofleet.protocol.compare.Compared.Line;
import org.foliofleet.protocol.compare.Compared.Table;
import org.foliofleet.protocol.compare.Matrix;
import org.foliofleet.protocol.compare.PairedDifference;
import org.foliofleet.protocol.compare.Parting;
import org.foliofleet.protocol.compare.Variant;
import org.foliofleet.protocol.experiment.ExperimentResult;
import org.foliofleet.protocol.experiment.MetricKey;

/** A comparison for programs: at the end and at all marks, every value of every seed. Units are those of {@code Metric}. */
public final class ComparisonDocument {
    private static final ObjectMapper MAPPER = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private ComparisonDocument() {}

    /** A line for each value, below one with the names of the columns. */
    public static String csv(Compared compared, List<MetricKey> only) {
        Matrix matrix = compared.matrix();
        StringBuilder text = new StringBuilder("variant");
        matrix.axes().forEach(axis -> text.append(',').append(quoted(axis.name())));
        text.append(",seed,machines,mark,metric,unit,value\n");
        for (Table table : compared.tables(only, true)) {
            for (Line line : table.lines()) {
                for (Variant variant : matrix.variants()) {
                    for (int seed = 0; seed < matrix.seeds().size(); seed++) {
                        Long value = line.values().get(variant.number()).get(seed);
                        text.append(variant.letter());
                        variant.values().forEach(each -> text.append(',').append(quoted(each)));
                        text.append(',').append(matrix.seeds().get(seed)).append(',').append(quoted(table.machines())).append(',')
                            .append(quoted(table.mark())).append(',').append(quoted(line.key().toString())).append(',')
                            .append(line.key().metric().unit().name().toLowerCase(Locale.ROOT)).append(',').append(value == null ? "" : value)
                            .append('\n');
                    }
                }
            }
        }
        return text.toString();
    }

    private static String quoted(String text) {
        return text.matches("[^\",\\r\\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
    }

    public static String json(Compared compared, List<MetricKey> only) {
        Matrix matrix = compared.matrix();
        ObjectNode root = MAPPER.createObjectNode();
        root.put("name", matrix.spec().name()).put("level", PairedDifference.LEVEL);
        matrix.seeds().forEach(root.putArray("seeds")::add);
        ArrayNode variants = root.putArray("variants");
        for (Variant variant : matrix.variants()) {
            ObjectNode node = variants.addObject();
            node.put("variant", variant.letter());
            ObjectNode values = node.putObject("values");
            for (int i = 0; i < matrix.axes().size(); i++) {
                values.put(matrix.axes().get(i).name(), variant.values().get(i));
            }
            ArrayNode runs = node.putArray("runs");
            for (int i = 0; i < matrix.seeds().size(); i++) {
                ExperimentResult run = compared.results().get(variant.number()).get(i);
                ObjectNode one = runs.addObject().put("seed", matrix.seeds().get(i)).put("digest", run.digest()).put("passed", run.passed());
                ArrayNode broken = one.putArray("broken");
                run.assertions().stream().filter(each -> !each.holds()).forEach(each -> broken.add(each.assertion().text()));
            }
        }
        ArrayNode tables = root.putArray("tables");
        compared.tables(only, true).forEach(table -> table(matrix, table, tables.addObject()));
        ArrayNode partings = root.putArray("partings");
        compared.partings().forEach(parting -> parting(matrix, parting, partings.addObject()));
        try {
            return MAPPER.writeValueAsString(root) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of values can be written", e);
        }
    }

    private static void table(Matrix matrix, Table table, ObjectNode node) {
        node.put("machines", table.machines()).put("mark", table.mark());
        ArrayNode metrics = node.putArray("metrics");
        for (Line line : table.lines()) {
            ObjectNode metric = metrics.addObject();
            metric.put("metric", line.key().toString()).put("unit", line.key().metric().unit().name().toLowerCase(Locale.ROOT));
            ArrayNode values = metric.putArray("values");
            line.values().forEach(seeds -> seeds.forEach(values.addArray()::add));
            ArrayNode differences = metric.putArray("differences");
            for (int variant = 1; variant < matrix.variants().size(); variant++) {
                PairedDifference difference = line.difference(variant);
                if (difference != null) {
                    ObjectNode one = differences.addObject().put("variant", matrix.variants().get(variant).letter());
                    one.put("base", difference.base()).put("other", difference.other()).put("mean", difference.mean());
                    one.put("least", difference.least()).put("greatest", difference.greatest());
                    one.put("deviation", difference.deviation()).put("seeds", difference.seeds());
                    one.put("beyondNoise", difference.isBeyondNoise());
                }
            }
        }
    }

    private static void parting(Matrix matrix, Parting parting, ObjectNode node) {
        node.put("variant", matrix.variants().get(parting.variant()).letter()).put("machines", parting.machines());
        node.put("machine", parting.ordinal()).put("seed", parting.seed());
        if (!parting.isNone()) {
            node.put("tick", parting.tick()).put("nanos", parting.nanos()).put("owner", parting.owner());
            node.put("first", parting.ofFirst()).put("other", parting.ofOther());
        }
    }
}
