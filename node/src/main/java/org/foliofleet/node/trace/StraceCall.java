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
    private static final Map<String, Long> FLAGS = Map.ofEntries(
            Map.entry("NULL", 0L), Map.entry("PROT_NONE", 0L), Map.entry("PROT_READ", 1L), Map.entry("PROT_WRITE", 2L), Map.entry("PROT_EXEC", 4L),
            Map.entry("PROT_GROWSDOWN", 0x01000000L), Map.entry("PROT_GROWSUP", 0x02000000L),
            Map.entry("MAP_SHARED", 1L), Map.entry("MAP_PRIVATE", 2L), Map.entry("MAP_SHARED_VALIDATE", 3L), Map.entry("MAP_FIXED", 0x10L),
            Map.entry("MAP_ANONYMOUS", 0x20L), Map.entry("MAP_32BIT", 0x40L), Map.entry("MAP_GROWSDOWN", 0x100L), Map.entry("MAP_DENYWRITE", 0x800L),
            Map.entry("MAP_EXECUTABLE", 0x1000L), Map.entry("MAP_LOCKED", 0x2000L), Map.entry("MAP_NORESERVE", 0x4000L),
            Map.entry("MAP_POPULATE", 0x8000L), Map.entry("MAP_NONBLOCK", 0x10000L), Map.entry("MAP_STACK", 0x20000L),
            Map.entry("MAP_HUGETLB", 0x40000L), Map.entry("MAP_SYNC", 0x80000L), Map.entry("MAP_FIXED_NOREPLACE", 0x100000L),
            Map.entry("MREMAP_MAYMOVE", 1L), Map.entry("MREMAP_FIXED", 2L), Map.entry("MREMAP_DONTUNMAP", 4L),
            Map.entry("MADV_NORMAL", 0L), Map.entry("MADV_RANDOM", 1L), Map.entry("MADV_SEQUENTIAL", 2L), Map.entry("MADV_WILLNEED", 3L),
            Map.entry("MADV_DONTNEED", 4L), Map.entry("MADV_FREE", 8L), Map.entry("MADV_REMOVE", 9L), Map.entry("MADV_DONTFORK", 10L),
            Map.entry("MADV_DOFORK", 11L), Map.entry("MADV_MERGEABLE", 12L), Map.entry("MADV_UNMERGEABLE", 13L), Map.entry("MADV_HUGEPAGE", 14L),
            Map.entry("MADV_NOHUGEPAGE", 15L), Map.entry("MADV_DONTDUMP", 16L), Map.entry("MADV_DODUMP", 17L), Map.entry("MADV_WIPEONFORK", 18L),
            Map.entry("MADV_KEEPONFORK", 19L), Map.entry("MADV_COLD", 20L), Map.entry("MADV_PAGEOUT", 21L), Map.entry("MADV_POPULATE_READ", 22L),
            Map.entry("MADV_POPULATE_WRITE", 23L), Map.entry("MADV_DONTNEED_LOCKED", 24L), Map.entry("MADV_COLLAPSE", 25L),
            Map.entry("MADV_GUARD_INSTALL", 102L), Map.entry("MADV_GUARD_REMOVE", 103L),
            Map.entry("MCL_CURRENT", 1L), Map.entry("MCL_FUTURE", 2L), Map.entry("MCL_ONFAULT", 4L), Map.entry("MLOCK_ONFAULT", 1L),
            Map.entry("FALLOC_FL_KEEP_SIZE", 1L), Map.entry("FALLOC_FL_PUNCH_HOLE", 2L), Map.entry("FALLOC_FL_ZERO_RANGE", 16L),
            Map.entry("PR_SET_NAME", 15L), Map.entry("PR_SET_MM", 35L), Map.entry("PR_SET_THP_DISABLE", 41L), Map.entry("PR_SET_VMA", 0x53564d41L),
            Map.entry("PR_SET_VMA_ANON_NAME", 0L), Map.entry("CLONE_VM", 0x100L), Map.entry("CLONE_VFORK", 0x4000L), Map.entry("CLONE_THREAD", 0x10000L));

    private static final Map<String, Long> ERRORS = Map.of("EPERM", 1L, "EAGAIN", 11L, "ENOMEM", 12L, "EACCES", 13L, "EFAULT", 14L,
            "EBUSY", 16L, "EEXIST", 17L, "EINVAL", 22L, "EINTR", 4L);

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
        boolean memory = relevant(number);
        for (int i = 0; i < Math.min(6, words.size()) && memory; i++) {
            args[i] = number(words.get(i));
        }
        return new StraceCall(number, args, result(text.substring(equals + 1).strip()), List.copyOf(words));
    }

    /** Whether the numbers of the arguments matter, so that they must be readable. */
    private static boolean relevant(int number) {
        return switch (number) {
            case SyscallTable.MMAP, SyscallTable.MPROTECT, SyscallTable.MUNMAP, SyscallTable.BRK, SyscallTable.MREMAP, SyscallTable.MSYNC,
                    SyscallTable.MADVISE, SyscallTable.SHMAT, SyscallTable.SHMDT, SyscallTable.FTRUNCATE, SyscallTable.MLOCK, SyscallTable.MUNLOCK,
                    SyscallTable.MLOCKALL, SyscallTable.PRCTL, SyscallTable.FALLOCATE, SyscallTable.MLOCK2, SyscallTable.PKEY_MPROTECT -> true;
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
        long value = 0;
        for (String part : word.split("\\|")) {
            String name = part.strip();
            int shift = name.indexOf("<<");
            if (shift > 0) {
                value |= Numbers.c(name.substring(0, shift)) << Numbers.c(name.substring(shift + 2));
            } else if (Character.isDigit(name.charAt(0)) || name.charAt(0) == '-') {
                int end = name.indexOf('<'); // strace -y: 3</path>
                value |= Numbers.c(end > 0 ? name.substring(0, end) : name);
            } else {
                value |= FLAGS.getOrDefault(name, 0L);
            }
        }
        return value;
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
            return -ERRORS.getOrDefault(error, 22L);
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
                    flags |= FLAGS.getOrDefault(name, 0L);
                }
            }
        }
        return flags;
    }
}
