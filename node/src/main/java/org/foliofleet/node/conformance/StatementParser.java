package org.foliofleet.node.conformance;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.program.Advice;
import org.foliofleet.protocol.program.Backing;
import org.foliofleet.protocol.program.MachineCall;
import org.foliofleet.protocol.program.MapFlag;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.MemoryCall.NumaPolicy;
import org.foliofleet.protocol.program.MemoryCall.UffdMode;
import org.foliofleet.protocol.program.Protection;

/**
 * The language of scenario bodies. Page indexes of processes become page numbers (see {@link Arena}); file pages stay as
 * they are.
 */
final class StatementParser {
    /** Processes a scenario may have: p0 … p39. */
    static final int MAX_PROCESSES = 40;
    private static final List<String> MACHINE_WORDS =
            List.of("ksm-scan", "khugepaged-scan", "shrink-slab", "reclaim", "split-file", "set");
    private static final List<String> PROCESS_WORDS = List.of("mmap", "munmap", "mprotect", "madvise", "mlock",
            "mlock-onfault", "munlock", "mremap", "read", "write", "memwrite", "fork", "exit", "pin", "unpin", "getref",
            "putref", "uffd-register", "uffd-unregister", "uffd-copy", "uffd-zeropage", "uffd-continue", "uffd-poison",
            "uffd-wp", "uffd-unwp", "uffd-move", "punch-hole", "fallocate", "ftruncate", "pwrite", "cpu", "mempolicy",
            "mbind", "home-node", "migrate-pages", "move-pages", "numa-scan", "split");
    private static final List<String> POLICY_MODES =
            List.of("default", "local", "preferred", "bind", "interleave", "weighted-interleave", "preferred-many");
    private static final List<String> POLICY_FLAGS = List.of("static", "relative", "balancing");
    private static final List<String> MBIND_FLAGS = List.of("move", "moveall", "strict");
    /** PMD order: no folio is larger. */
    private static final int MAX_ORDER = 9;

    private final Set<String> memfds;

    /** @param memfds names of the files the scenario opened */
    StatementParser(Set<String> memfds) {
        this.memfds = memfds;
    }

    /**
     * Parses one line of a body.
     *
     * @param ordinal number of the operation in the body, from 1 and without {@code observe}: the default content tag
     * @param where   file and line, for error messages
     */
    Statement parse(String text, int ordinal, String where) {
        Words words = new Words(text, where);
        String first = words.word("a statement");
        String normal = String.join(" ", text.strip().split("\\s+"));
        if (isProcess(first)) {
            MemoryCall call = processCall(words, ordinal);
            words.end();
            return new Statement.OfProcess(normal, first, call);
        }
        MachineCall call = machineCall(first, words);
        words.end();
        return new Statement.OfMachine(normal, call);
    }

    /** Whether the word names a process: {@code p} and a number below {@link #MAX_PROCESSES}. */
    static boolean isProcess(String word) {
        return word.matches("p(0|[1-9][0-9]?)") && Integer.parseInt(word.substring(1)) < MAX_PROCESSES;
    }

    private MachineCall machineCall(String word, Words words) {
        return switch (word) {
            case "ksm-scan" -> new MachineCall.KsmScan(words.more() ? scans(words) : 4);
            case "khugepaged-scan" -> new MachineCall.KhugepagedScan(words.more() ? scans(words) : 3);
            case "shrink-slab" -> new MachineCall.ShrinkSlab();
            case "reclaim" -> new MachineCall.Reclaim();
            case "set" -> {
                String key = Settings.key(words);
                yield new MachineCall.Set(key, words.word("a value"));
            }
            case "split-file" -> {
                String file = file(words);
                PageRange range = words.fileRange();
                int order = splitOrder(words);
                yield new MachineCall.SplitFile(file, range, order, splitOffset(words));
            }
            default -> throw words.unknown("statement", word, MACHINE_WORDS);
        };
    }

    private MemoryCall processCall(Words words, int ordinal) {
        String verb = words.word("an operation");
        return switch (verb) {
            case "mmap" -> mmap(words);
            case "munmap" -> new MemoryCall.Munmap(words.arenaRange());
            case "mprotect" -> new MemoryCall.Mprotect(words.arenaRange(), protection(words));
            case "madvise" -> new MemoryCall.Madvise(words.arenaRange(), advice(words));
            case "mlock", "mlock-onfault" -> new MemoryCall.Mlock(words.arenaRange(), verb.equals("mlock-onfault"));
            case "munlock" -> new MemoryCall.Munlock(words.arenaRange());
            case "mremap" -> mremap(words);
            case "read" -> new MemoryCall.Read(words.arenaRange());
            case "write" -> new MemoryCall.Write(words.arenaRange(), words.content(ordinal));
            case "memwrite" -> new MemoryCall.MemWrite(words.arenaRange(), words.content(ordinal));
            case "fork" -> new MemoryCall.Fork(child(words));
            case "exit" -> new MemoryCall.Exit();
            case "pin" -> new MemoryCall.Pin(words.word("a handle"), words.arenaRange());
            case "unpin" -> new MemoryCall.Unpin(words.word("a handle"));
            case "getref" -> new MemoryCall.GetRef(words.word("a handle"), words.arenaRange());
            case "putref" -> new MemoryCall.PutRef(words.word("a handle"));
            case "uffd-register" -> new MemoryCall.UffdRegister(words.arenaRange(), uffdModes(words));
            case "uffd-unregister" -> new MemoryCall.UffdUnregister(words.arenaRange());
            case "uffd-copy" -> new MemoryCall.UffdCopy(words.arenaRange(), words.accept("wp"), words.content(ordinal));
            case "uffd-zeropage" -> new MemoryCall.UffdZeropage(words.arenaRange());
            case "uffd-continue" -> new MemoryCall.UffdContinue(words.arenaRange());
            case "uffd-poison" -> new MemoryCall.UffdPoison(words.arenaRange());
            case "uffd-wp", "uffd-unwp" -> new MemoryCall.UffdWriteProtect(words.arenaRange(), verb.equals("uffd-wp"));
            case "uffd-move" -> new MemoryCall.UffdMove(Arena.toPage(words.pages("a source page")),
                    Arena.toPage(words.pages("a destination page")), words.pages("a number of pages"));
            case "punch-hole" -> new MemoryCall.PunchHole(file(words), words.fileRange());
            case "fallocate" -> new MemoryCall.Fallocate(file(words), words.fileRange());
            case "ftruncate" -> new MemoryCall.Ftruncate(file(words), words.pages("a number of pages"));
            case "pwrite" -> new MemoryCall.Pwrite(file(words), words.fileRange(), words.content(ordinal));
            case "cpu" -> new MemoryCall.Cpu(words.node("a node"));
            case "mempolicy" -> new MemoryCall.SetMempolicy(policy(words));
            case "mbind" -> new MemoryCall.Mbind(words.arenaRange(), policy(words), mbindFlags(words));
            case "home-node" -> new MemoryCall.SetHomeNode(words.arenaRange(), words.node("a node"));
            case "migrate-pages" -> new MemoryCall.MigratePages(words.nodes(), words.nodes());
            case "move-pages" -> new MemoryCall.MovePages(words.arenaRange(),
                    words.accept("-") ? -1 : words.node("a node or -"), words.accept("all"));
            case "numa-scan" -> new MemoryCall.NumaScan();
            case "split" -> new MemoryCall.Split(words.arenaRange(), splitOrder(words), splitOffset(words));
            default -> throw words.unknown("operation", verb, PROCESS_WORDS);
        };
    }

    private MemoryCall mmap(Words words) {
        PageRange range = words.arenaRange();
        Protection protection = protection(words);
        String sharing = words.word("private or shared");
        if (!sharing.equals("private") && !sharing.equals("shared")) {
            throw words.unknown("sharing", sharing, List.of("private", "shared"));
        }
        Backing backing = backing(words);
        Set<MapFlag> flags = EnumSet.noneOf(MapFlag.class);
        List<MapFlag> allowed = List.of(MapFlag.NORESERVE, MapFlag.NOREPLACE, MapFlag.LOCKED, MapFlag.GROWSDOWN);
        while (words.more()) {
            String word = words.word("a word");
            flags.add(allowed.stream().filter(f -> f.name().toLowerCase(Locale.ROOT).equals(word)).findFirst()
                    .orElseThrow(() -> words.unknown("mmap word", word,
                            allowed.stream().map(f -> f.name().toLowerCase(Locale.ROOT)).toList())));
        }
        return new MemoryCall.Mmap(range, protection, sharing.equals("shared"), backing, flags);
    }

    private Backing backing(Words words) {
        String of = words.word("anon or memfd:NAME");
        if (of.equals("anon")) {
            return new Backing.Anonymous();
        }
        if (!of.startsWith("memfd:")) {
            throw words.unknown("backing", of, List.of("anon", "memfd:NAME"));
        }
        String name = of.substring("memfd:".length());
        int plus = name.indexOf('+');
        long page = plus < 0 ? 0 : words.number(name.substring(plus + 1), "a file page", 1L << 40);
        return new Backing.File(known(plus < 0 ? name : name.substring(0, plus), words), page);
    }

    private static MemoryCall mremap(Words words) {
        PageRange from = words.arenaRange();
        long newCount = words.pages("a new number of pages");
        long newStart = -1;
        boolean dontUnmap = false;
        while (words.more()) {
            if (words.accept("fixed")) {
                newStart = Arena.toPage(words.pages("a new first page"));
            } else if (words.accept("dontunmap")) {
                dontUnmap = true;
            } else {
                throw words.unknown("mremap word", words.word("a word"), List.of("fixed", "dontunmap"));
            }
        }
        if (dontUnmap && newStart < 0) {
            throw words.bad("has dontunmap without fixed; say where to with 'fixed PAGE'");
        }
        return new MemoryCall.Mremap(from, newCount, newStart, newStart >= 0, dontUnmap);
    }

    private static Protection protection(Words words) {
        String word = words.word("a protection");
        if (word.equals("none")) {
            return Protection.NONE;
        }
        if (!word.matches("[rwx]{1,3}")) {
            throw words.bad("has the protection '" + word + "'; give 'none' or letters of 'rwx'");
        }
        return new Protection(word.contains("r"), word.contains("w"), word.contains("x"));
    }

    private static Advice advice(Words words) {
        String word = words.word("an advice");
        return Arrays.stream(Advice.values()).filter(a -> a.word().equals(word)).findFirst().orElseThrow(() -> words
                .unknown("advice", word, Arrays.stream(Advice.values()).map(Advice::word).toList()));
    }

    private static String child(Words words) {
        String name = words.word("the child");
        if (!isProcess(name) || name.equals("p0")) {
            throw words.bad("has the child '" + name + "'; children are p1 … p" + (MAX_PROCESSES - 1));
        }
        return name;
    }

    private static Set<UffdMode> uffdModes(Words words) {
        Set<UffdMode> modes = EnumSet.noneOf(UffdMode.class);
        for (String word : words.word("a userfaultfd mode").split("\\+", -1)) {
            modes.add(Arrays.stream(UffdMode.values()).filter(m -> m.name().toLowerCase(Locale.ROOT).equals(word))
                    .findFirst()
                    .orElseThrow(() -> words.unknown("userfaultfd mode", word, List.of("missing", "wp", "minor"))));
        }
        return modes;
    }

    private static NumaPolicy policy(Words words) {
        String[] parts = words.word("a policy").split("\\+", -1);
        if (!POLICY_MODES.contains(parts[0])) {
            throw words.unknown("policy", parts[0], POLICY_MODES);
        }
        Set<String> flags = new TreeSet<>();
        for (String flag : List.of(parts).subList(1, parts.length)) {
            if (!POLICY_FLAGS.contains(flag)) {
                throw words.unknown("policy flag", flag, POLICY_FLAGS);
            }
            flags.add(flag);
        }
        boolean nodes = words.peek().equals("-") || words.peek().matches("[0-9].*");
        return new NumaPolicy(parts[0], flags, nodes ? words.nodes() : List.of());
    }

    private static Set<String> mbindFlags(Words words) {
        Set<String> flags = new TreeSet<>();
        while (words.more()) {
            String word = words.word("a flag");
            if (!MBIND_FLAGS.contains(word)) {
                throw words.unknown("mbind flag", word, MBIND_FLAGS);
            }
            flags.add(word);
        }
        return flags;
    }

    private static int scans(Words words) {
        return (int) words.number("a number of scans", 1000);
    }

    private static int splitOrder(Words words) {
        return words.more() ? (int) words.number("an order", MAX_ORDER) : 0;
    }

    private static int splitOffset(Words words) {
        return words.more() ? (int) words.number("a page of the folio", (1 << MAX_ORDER) - 1) : -1;
    }

    private String file(Words words) {
        return known(words.word("the name of a memfd"), words);
    }

    private String known(String name, Words words) {
        if (!memfds.contains(name)) {
            throw words.bad("names the memfd '" + name + "', which the header does not make; " + (memfds.isEmpty()
                    ? "it makes none" : "it makes " + memfds.stream().sorted().collect(Collectors.joining(" "))));
        }
        return name;
    }
}
