package org.foliofleet.node.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A call as strace prints it: {@code name(argument, …) = result}.
 *
 * @param args  arguments as numbers, flags put together from their names; 0 where an argument is no number
 * @param words arguments as printed, strings without quotes
 */
record StraceCall(int number, long[] args, long result, List<String> words) {
    private static final Map<String, Long> NAMES = SyscallTable.table("strace-names.txt");

    /** Reads a whole call; null if its name is none; throws NumberFormatException if the rest cannot be read. */
    static StraceCall parse(String text) {
        int open = text.indexOf('(');
        int number = SyscallTable.number(text.substring(0, open));
        if (number < 0) {
            return null;
        }
        List<String> words = new ArrayList<>();
        int close = split(text, open + 1, words);
        int equals = text.indexOf('=', close);
        if (equals < 0) {
            throw new NumberFormatException("no result");
        }
        long[] args = new long[6];
        boolean memory = relevant(number) && !SyscallTable.startsProcess(number) && !SyscallTable.executes(number);
        for (int i = 0; i < Math.min(6, words.size()) && memory; i++) {
            args[i] = number(words.get(i));
        }
        return new StraceCall(number, args, result(text.substring(equals + 1).strip()), List.copyOf(words));
    }

    /** Whether the call changes memory or makes processes, so that it must be readable. */
    static boolean relevant(int number) {
        return switch (number) {
            case SyscallTable.MMAP, SyscallTable.MPROTECT, SyscallTable.MUNMAP, SyscallTable.BRK, SyscallTable.MREMAP,
                    SyscallTable.MSYNC,
                    SyscallTable.MADVISE, SyscallTable.SHMAT, SyscallTable.SHMDT, SyscallTable.FTRUNCATE,
                    SyscallTable.MLOCK, SyscallTable.MUNLOCK,
                    SyscallTable.MLOCKALL, SyscallTable.PRCTL, SyscallTable.FALLOCATE, SyscallTable.MLOCK2,
                    SyscallTable.PKEY_MPROTECT,
                    SyscallTable.CLONE, SyscallTable.CLONE3, SyscallTable.FORK, SyscallTable.VFORK,
                    SyscallTable.EXECVE, SyscallTable.EXECVEAT -> true;
            default -> false;
        };
    }

    /** Splits arguments at the commas outside quotes, brackets and comments; gives the place of the closing bracket. */
    private static int split(String text, int from, List<String> words) {
        StringBuilder word = new StringBuilder();
        int depth = 0;
        boolean quoted = false;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quoted) {
                if (c == '\\' && i + 1 < text.length()) {
                    word.append(text.charAt(++i));
                } else if (c == '"') {
                    quoted = false;
                } else {
                    word.append(c);
                }
            } else if (c == '"') {
                quoted = true;
            } else if (c == '/' && text.startsWith("/*", i)) {
                i = Math.max(i, text.indexOf("*/", i) + 1);
            } else if (depth == 0 && (c == ',' || c == ')')) {
                String done = word.toString().strip();
                if (c == ',' || !done.isEmpty() || !words.isEmpty()) {
                    words.add(done);
                }
                word.setLength(0);
                if (c == ')') {
                    return i;
                }
            } else {
                depth += c == '(' || c == '[' || c == '{' ? 1 : c == ')' || c == ']' || c == '}' ? -1 : 0;
                word.append(c);
            }
        }
        throw new NumberFormatException("no end of arguments");
    }

    private static long number(String word) {
        if (word.isEmpty()) {
            return 0;
        }
        int path = word.indexOf('<'); // strace -y: 3</path>
        if (path > 0 && !word.contains("<<")) {
            return Numbers.c(word.substring(0, path));
        }
        long value = 0;
        for (String part : word.split("\\|")) {
            int shift = part.indexOf("<<");
            value |= shift > 0 ? single(part.substring(0, shift)) << single(part.substring(shift + 2)) : single(part);
        }
        return value;
    }

    private static long single(String word) {
        String text = word.strip();
        boolean digits = Character.isDigit(text.charAt(0)) || text.charAt(0) == '-';
        long unknown = text.startsWith("MADV_") ? -1 : 0; // an advice is a choice, not a flag that may be left out
        return digits ? Numbers.c(text) : NAMES.getOrDefault(text, unknown);
    }

    /** {@code 0}, {@code 0x7f…}, {@code ?} or {@code -1 ENAME (text)}; a failure without a known number is EINVAL. */
    private static long result(String text) {
        int blank = text.indexOf(' ');
        String first = blank < 0 ? text : text.substring(0, blank);
        if (first.equals("?")) {
            return 0;
        }
        if (first.equals("-1") && blank > 0) {
            String error = text.substring(blank + 1).split("[ (]", 2)[0];
            return -NAMES.getOrDefault(error, 22L);
        }
        int end = first.indexOf('<');
        return Numbers.c(end > 0 ? first.substring(0, end) : first);
    }

    /** {@code CLONE_} flags of clone and clone3, 0 for the others. */
    long cloneFlags() {
        long flags = 0;
        for (String word : words) {
            for (String name : word.replaceAll("[{}]", "").replaceAll(".*flags=", "").split("[|, ]")) {
                if (name.startsWith("CLONE_")) {
                    flags |= NAMES.getOrDefault(name, 0L);
                }
            }
        }
        return flags;
    }
}
