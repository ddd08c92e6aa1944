package org.foliofleet.node.conformance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Changes one recorded value of a recording: a result, or anything in an observation. */
final class RecordingMutation {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    /** A flag here says nothing about a folio whose first page is not mapped. */
    private static final String VAGUE_FLAG = "exclusive0";

    private final ObjectNode root;
    private final Random random;
    private final List<Target> targets = new ArrayList<>();
    private Target target;
    private String before;
    private String after;

    /**
     * A value that can be changed.
     *
     * @param kind  which kind of values it belongs to, such as {@code folios}
     * @param field name that a difference must give, of which there may be several
     */
    private record Target(String kind, Set<String> fields, JsonNode holder, String key, int index) {}

    RecordingMutation(String text, long seed) throws JsonProcessingException {
        this.root = (ObjectNode) MAPPER.readTree(text);
        this.random = new Random(seed);
        for (JsonNode step : root.get("steps")) {
            if (step.has("observe")) {
                collectObservation(step);
            } else {
                step.fieldNames().forEachRemaining(name -> {
                    if (name.equals("res") || name.equals("left")) {
                        field("result", step, name);
                    }
                });
                objects("result", step.path("status"));
            }
        }
    }

    /** Changes one value, of a kind chosen first so that rare kinds are met too. */
    byte[] mutate() throws JsonProcessingException {
        List<String> kinds = targets.stream().map(Target::kind).distinct().sorted().toList();
        String kind = kinds.get(random.nextInt(kinds.size()));
        List<Target> some = targets.stream().filter(t -> t.kind.equals(kind)).toList();
        target = some.get(random.nextInt(some.size()));
        JsonNode old = target.key == null ? target.holder.get(target.index) : target.holder.get(target.key);
        JsonNode changed = change(old);
        before = old.toString();
        after = changed == null ? "left out" : changed.toString();
        if (target.key == null) {
            ((ArrayNode) target.holder).set(target.index, changed);
        } else if (changed == null) {
            ((ObjectNode) target.holder).remove(target.key);
        } else {
            ((ObjectNode) target.holder).set(target.key, changed);
        }
        return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(root).getBytes(StandardCharsets.UTF_8);
    }

    String kind() {
        return target.kind;
    }

    Set<String> fields() {
        return target.fields;
    }

    String describe() {
        return target.kind + " " + target.fields + ": " + before + " became " + after;
    }

    private JsonNode change(JsonNode old) {
        if (old.isNumber()) {
            boolean mark = Set.of("pmd", "uffd_wp", "unmapped").contains(String.valueOf(target.key));
            return mark ? null : IntNode.valueOf(old.asInt() + (old.asInt() > 1 && random.nextBoolean() ? -1 : 1));
        }
        return TextNode.valueOf(switch (String.valueOf(target.key)) {
            case "res" -> old.asText().contains("@") ? old.asText() + "0" : old.asText().equals("ok") ? "EINVAL" : "ok";
            case "err" -> old.asText().equals("EBUSY") ? "EACCES" : "EBUSY";
            case "prot" -> old.asText().equals("rw") ? "r" : "rw";
            case "map" -> old.asText().equals("shared") ? "private" : "shared";
            case "st" -> old.asText().equals("guard") ? "poison" : "guard";
            case "null" -> target.kind.equals("folios") ? old.asText().equals("mlocked") ? "dirty" : "mlocked" : "zz";
            default -> old.asText() + "x";
        });
    }

    private void collectObservation(JsonNode step) {
        for (JsonNode process : step.get("procs")) {
            for (JsonNode vma : process) {
                for (String name : List.of("start", "len", "prot", "map", "of", "pgoff", "policy")) {
                    field("vma", vma, name);
                }
                words("vma", vma.get("flags"));
                numbers("smaps", vma.get("smaps"));
                objects("pages", vma.get("pages"));
            }
        }
        objects("folios", step.get("folios"));
        for (JsonNode memfd : step.path("memfds")) {
            for (String name : List.of("pages", "blocks", "cached", "evicted")) {
                field("memfds", memfd, name);
            }
            for (JsonNode run : memfd.get("data")) {
                targets.add(new Target("memfds", Set.of("data"), run, null, random.nextInt(2)));
            }
        }
        numbers("counters", step.get("counters"));
        numbers("ksm", step.path("ksm"));
    }

    private void objects(String kind, JsonNode list) {
        for (JsonNode run : list) {
            run.fieldNames().forEachRemaining(name -> {
                if (name.equals("flags")) {
                    words(kind, run.get(name));
                } else {
                    field(kind, run, name);
                }
            });
        }
    }

    private void words(String kind, JsonNode flags) {
        for (int i = 0; i < flags.size(); i++) {
            if (!flags.get(i).asText().equals(VAGUE_FLAG)) {
                targets.add(new Target(kind, Set.of("flags"), flags, null, i));
            }
        }
    }

    private void numbers(String kind, JsonNode object) {
        object.fieldNames().forEachRemaining(name -> field(kind, object, name));
    }

    private void field(String kind, JsonNode holder, String name) {
        if (!holder.has(name)) {
            return;
        }
        Set<String> fields = Map.of("at", Set.of("at", "n", "st"), "n", Set.of("n", "at"), "id", Set.of("id", "n"),
                "start", Set.of("start"), "len", Set.of("len")).getOrDefault(name, Set.of(name));
        targets.add(new Target(kind, fields, holder, name, 0));
    }
}
