package org.foliofleet.coordinator.grafana;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** A dashboard file. */
record Dashboard(Path file, JsonNode json) {
    static final Path FOLDER = Path.of("..", "grafana");

    /** A query of a panel, a variable or an annotation. */
    record Query(String where, String expression) {
        /** What Grafana sends when everything is chosen. */
        String resolved() {
            return expression.replace("$__rate_interval", "20s").replace("$__interval", "20s").replaceAll("\\$(experiment|class|node|instance)", ".*");
        }
    }

    static List<Dashboard> all() {
        try (Stream<Path> files = Files.list(FOLDER.resolve("dashboards"))) {
            List<Dashboard> all = new ArrayList<>();
            for (Path file : files.sorted().toList()) {
                all.add(new Dashboard(file, new ObjectMapper().readTree(file.toFile())));
            }
            return all;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All panels that show data. */
    List<JsonNode> panels() {
        return StreamSupport.stream(json.path("panels").spliterator(), false).filter(panel -> !panel.path("type").asText().equals("row")).toList();
    }

    List<JsonNode> variables() {
        return StreamSupport.stream(json.at("/templating/list").spliterator(), false).toList();
    }

    String name() {
        return file.getFileName().toString();
    }

    List<Query> queries() {
        List<Query> all = new ArrayList<>();
        for (JsonNode panel : panels()) {
            for (JsonNode target : panel.path("targets")) {
                all.add(new Query(name() + ": " + panel.path("title").asText() + " " + target.path("refId").asText(), target.path("expr").asText()));
            }
        }
        for (JsonNode variable : variables()) {
            if (variable.path("type").asText().equals("query")) {
                // label_values(SELECTOR, LABEL)
                String query = variable.at("/query/query").asText();
                String selector = query.substring("label_values(".length(), query.lastIndexOf(','));
                String label = query.substring(query.lastIndexOf(',') + 1, query.length() - 1).strip();
                all.add(new Query(name() + ": variable " + variable.path("name").asText(), "count by (" + label + ") (" + selector + ")"));
            }
        }
        return all;
    }
}
