package org.foliofleet.protocol.experiment;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.program.SourceLine;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads YAML into {@link Yaml}, from the parser's events rather than its nodes: so nesting and aliases are bounded
 * while they are read, whatever the file holds.
 */
final class YamlReader {
    static final int MAX_BYTES = 8 << 20;
    private static final int MAX_DEPTH = 64;
    private static final long MAX_PARTS = 1_000_000;

    private final Problems problems;
    private final Map<Anchor, Yaml> anchors = new HashMap<>();
    private Iterator<Event> events;
    private long parts;

    private YamlReader(Problems problems) {
        this.problems = problems;
    }

    /**
     * The one document of a file.
     *
     * @throws BadInput if it is no UTF-8, too large, no YAML, empty, or more than one document
     */
    static Yaml read(byte[] bytes, String source) {
        Problems problems = new Problems(source);
        if (bytes.length > MAX_BYTES) {
            throw new BadInput(source + ": the file has " + (bytes.length >> 20) + " MiB; an experiment has at most "
                + (MAX_BYTES >> 20) + " MiB, use repeat and count instead of written-out steps");
        }
        String text = decode(bytes, problems);
        try {
            return new YamlReader(problems).document(text);
        } catch (MarkedYamlEngineException e) {
            SourceLine at = e.getProblemMark().map(YamlReader::at).orElse(SourceLine.NONE);
            problems.add(at, "this is no YAML: " + oneLine(e.getProblem()), "check indentation, brackets and quotes there");
        } catch (ReaderException e) {
            problems.add(lineOf(text, e.getPosition()), "a control character U+"
                + Integer.toHexString(e.getCodePoint()).toUpperCase(Locale.ROOT), "remove it");
        } catch (YamlEngineException e) {
            problems.add(new SourceLine(1, 1), "this is no YAML: " + oneLine(String.valueOf(e.getMessage())), "check the file");
        }
        throw problems.failure();
    }

    private static String decode(byte[] bytes, Problems problems) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length + 1);
        CoderResult result = decoder.decode(in, out, true);
        out.flip();
        String text = out.toString();
        if (result.isError()) {
            problems.add(lineOf(text, text.codePointCount(0, text.length())),
                "byte 0x" + Integer.toHexString(bytes[in.position()] & 0xFF) + " is not UTF-8", "save the file as UTF-8");
            throw problems.failure();
        }
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    /** The place after so many code points. */
    private static SourceLine lineOf(String text, int codePoints) {
        int line = 1;
        int column = 1;
        int end = text.offsetByCodePoints(0, Math.min(codePoints, text.codePointCount(0, text.length())));
        for (int i = 0; i < end; i++) {
            column++;
            if (text.charAt(i) == '\n') {
                line++;
                column = 1;
            }
        }
        return new SourceLine(line, column);
    }

    private static SourceLine at(Mark mark) {
        return new SourceLine(mark.getLine() + 1, mark.getColumn() + 1);
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\s*\\R\\s*", " ");
    }

    private Yaml document(String text) {
        LoadSettings settings = LoadSettings.builder().setCodePointLimit(MAX_BYTES + 1).setUseMarks(true)
            .setParseComments(false).build();
        events = new Parse(settings).parseString(text).iterator();
        events.next();
        Event first = events.next();
        if (first.getEventId() == Event.ID.StreamEnd) {
            problems.add(new SourceLine(1, 1), "the file is empty", "start with 'version: 1' and 'name: …'");
            throw problems.failure();
        }
        Yaml root = node(events.next(), 0);
        events.next();
        Event end = events.next();
        if (end.getEventId() != Event.ID.StreamEnd) {
            problems.add(end.getStartMark().map(YamlReader::at).orElse(root.at()), "a second document begins here",
                "keep one experiment in a file");
        }
        problems.throwIfAny();
        return root;
    }

    private Yaml node(Event event, int depth) {
        SourceLine at = event.getStartMark().map(YamlReader::at).orElse(SourceLine.NONE);
        if (depth > MAX_DEPTH) {
            problems.add(at, "lists and maps are nested more than " + MAX_DEPTH + " deep", "make a program of the inner steps");
            throw problems.failure();
        }
        if (event instanceof AliasEvent alias) {
            Yaml target = anchors.get(alias.getAlias());
            if (target == null) {
                problems.add(at, "alias '*" + alias.getAlias().getValue() + "' names nothing that ended before",
                    "define '&" + alias.getAlias().getValue() + "' above it, and not around it");
                throw problems.failure();
            }
            count(target.size(), at);
            return target;
        }
        count(1, at);
        Yaml result;
        if (event instanceof ScalarEvent scalar) {
            result = new Yaml.Scalar(scalar.getValue(), scalar.getScalarStyle() == ScalarStyle.PLAIN, at);
        } else if (event instanceof SequenceStartEvent) {
            result = sequence(at, depth);
        } else if (event instanceof MappingStartEvent) {
            result = mapping(at, depth);
        } else {
            throw new IllegalStateException("unexpected event " + event);
        }
        Optional<Anchor> anchor = ((NodeEvent) event).getAnchor();
        anchor.ifPresent(name -> anchors.put(name, result));
        return result;
    }

    /** Counts what aliases repeat too, so that a small file can not stand for a huge one. */
    private void count(long more, SourceLine at) {
        parts += more;
        if (parts > MAX_PARTS) {
            problems.add(at, "the experiment has more than " + MAX_PARTS + " parts, with aliases written out",
                "use repeat, count and named programs instead of aliases");
            throw problems.failure();
        }
    }

    private Yaml sequence(SourceLine at, int depth) {
        List<Yaml> items = new ArrayList<>();
        long size = 1;
        for (Event event = events.next(); event.getEventId() != Event.ID.SequenceEnd; event = events.next()) {
            Yaml item = node(event, depth + 1);
            items.add(item);
            size += item.size();
        }
        return new Yaml.Sequence(List.copyOf(items), size, at);
    }

    private Yaml mapping(SourceLine at, int depth) {
        List<Yaml.Entry> entries = new ArrayList<>();
        Set<String> keys = new HashSet<>();
        long size = 1;
        for (Event event = events.next(); event.getEventId() != Event.ID.MappingEnd; event = events.next()) {
            Yaml key = node(event, depth + 1);
            Yaml value = node(events.next(), depth + 1);
            size += key.size() + value.size();
            if (!(key instanceof Yaml.Scalar name)) {
                problems.add(key.at(), "a key that is " + key.kind(), "write a word as key");
            } else if (!keys.add(name.text())) {
                problems.add(key.at(), "key '" + name.text() + "' stands twice in this map", "keep one of them");
            } else {
                entries.add(new Yaml.Entry(name, value));
            }
        }
        return new Yaml.Mapping(List.copyOf(entries), size, at);
    }
}
