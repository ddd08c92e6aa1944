package org.foliofleet.node.conformance;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.foliofleet.protocol.BadInput;

/** Reads recordings, strictly: what the format does not say is {@link BadInput} with file and line. */
final class RecordingReader {
    /** Recordings are a few hundred kB; what is this large is something else. */
    static final long MAX_BYTES = 64L << 20;
    private static final int FORMAT = 1;

    private RecordingReader() {}

    /** Reads a file, and the counters it cannot record from the scenario beside it, if that is there. */
    static Recording read(Path path) {
        byte[] bytes;
        try {
            if (Files.size(path) > MAX_BYTES) {
                throw new BadInput(path + ": has more than " + (MAX_BYTES >> 20)
                        + " MiB; no recording is that large, give the path of one");
            }
            bytes = Files.readAllBytes(path);
        } catch (IOException e) {
            throw new BadInput(path + ": cannot be read (" + e.getClass().getSimpleName()
                    + "); check that the file is there and readable");
        }
        return parse(path.toString(), bytes, NoisyCounters.beside(path));
    }

    /**
     * Parses a recording.
     *
     * @param file  its name, for error messages
     * @param noisy counters the scenario says it cannot record
     */
    static Recording parse(String file, byte[] bytes, Set<String> noisy) {
        try {
            return parseStrictly(file, bytes, noisy);
        } catch (BadInput e) {
            throw new BadInput(OneLine.of(e.getMessage()));
        }
    }

    private static Recording parseStrictly(String file, byte[] bytes, Set<String> noisy) {
        LocatedJson root = LocatedJson.read(file, decode(file, bytes));
        RecordedFields first = new RecordedFields(file, Set.of(), "", root);
        long format = first.number("format", 0);
        if (format != FORMAT) {
            throw new BadInput(file + ":" + root.line() + ": is of format " + format + "; only format " + FORMAT
                    + " is known, record it with the recorder of that format");
        }
        Set<String> unstable = new TreeSet<>(first.strings("unstable"));
        RecordedFields fields = new RecordedFields(file, unstable, "", root);
        fields.number("format", 0);
        fields.strings("unstable");
        RecordingHeader header = header(fields, noisy, unstable);
        List<Recording.Step> steps = new StepReader(file, header).read(fields.objects("steps"));
        fields.end();
        return new Recording(withReclaimNoise(header, steps), steps);
    }

    private static String decode(String file, byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        try {
            return StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT).decode(buffer).toString();
        } catch (CharacterCodingException e) {
            int line = 1;
            for (int i = 0; i < buffer.position(); i++) {
                line += bytes[i] == '\n' ? 1 : 0;
            }
            throw new BadInput(file + ":" + line + ": is not UTF-8; recordings are, record it again or restore the file");
        }
    }

    private static RecordingHeader header(RecordedFields fields, Set<String> noisy, Set<String> unstable) {
        String name = fields.string("name");
        String about = fields.string("about");
        String kernel = fields.string("kernel");
        fields.number("runs", 1);
        fields.number("agreed", 1);
        List<String> requires = fields.strings("require");
        for (String word : requires) {
            if (!word.matches("swap|memcg|split|tier|numa [1-9][0-9]?")) {
                throw new BadInput(fields.where() + ": requires '" + word + "'"
                        + KnownWords.hint(word, List.of("swap", "memcg", "split", "tier", "numa 2")));
            }
        }
        Map<String, String> settings = new LinkedHashMap<>();
        fields.object("set").forEach((key, json) -> {
            if (!Settings.isKey(key)) {
                throw fields.bad(json, "sets the unknown setting '" + key + "'" + KnownWords.hint(key, Settings.all()));
            }
            settings.put(key, fields.asString(json, key));
        });
        Map<String, Long> memfds = new LinkedHashMap<>();
        fields.object("memfd").forEach((key, json) -> memfds.put(key, fields.asNumber(json, key, 0)));
        OptionalInt fillNode = fields.has("fill_node")
                ? OptionalInt.of(fields.smallNumber("fill_node", 0, 62, 0)) : OptionalInt.empty();
        List<RecordingHeader.NumaNode> nodes = fields.has("nodes") ? nodes(fields) : List.of();
        RecordingHeader header = new RecordingHeader(name, about, kernel, requires, settings, memfds, nodes, fillNode,
                noisy, unstable);
        if (nodes.size() != header.requiredNodes() && !(header.requires("tier") && header.requiredNodes() == 0)) {
            throw new BadInput(fields.where() + ": lists " + nodes.size() + " nodes but requires "
                    + header.requiredNodes() + "; record it again");
        }
        return header;
    }

    private static List<RecordingHeader.NumaNode> nodes(RecordedFields fields) {
        List<RecordingHeader.NumaNode> nodes = new ArrayList<>();
        for (RecordedFields node : fields.objects("nodes")) {
            List<Integer> distance = new ArrayList<>();
            for (LocatedJson json : node.list("distance")) {
                distance.add((int) node.asNumber(json, "distance", 0));
            }
            nodes.add(new RecordingHeader.NumaNode(node.smallNumber("id", 0, 62, 0), node.string("cpus"),
                    List.copyOf(distance), node.smallNumber("tier", -1, 1 << 20, -1)));
            node.end();
        }
        return List.copyOf(nodes);
    }

    /** Reclaim of a whole cgroup counts pages of the recorder too, so those counters mean nothing there. */
    private static RecordingHeader withReclaimNoise(RecordingHeader header, List<Recording.Step> steps) {
        if (steps.stream().noneMatch(step -> step.text().equals("reclaim"))) {
            return header;
        }
        Set<String> noisy = new TreeSet<>(header.noisy());
        noisy.addAll(List.of("pswpin", "pswpout"));
        return new RecordingHeader(header.name(), header.about(), header.kernel(), header.requires(), header.settings(),
                header.memfds(), header.nodes(), header.fillNode(), noisy, header.unstable());
    }
}
