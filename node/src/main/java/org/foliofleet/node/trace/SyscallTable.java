package org.foliofleet.node.trace;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Names and numbers of the x86-64 system calls. */
public final class SyscallTable {
    public static final int
            MMAP = 9, MPROTECT = 10, MUNMAP = 11, BRK = 12,
            MREMAP = 25, MSYNC = 26, MINCORE = 27, MADVISE = 28,
            SHMGET = 29, SHMAT = 30, SHMCTL = 31, CLONE = 56,
            FORK = 57, VFORK = 58, EXECVE = 59, EXIT = 60,
            SHMDT = 67, FTRUNCATE = 77, MLOCK = 149, MUNLOCK = 150,
            MLOCKALL = 151, MUNLOCKALL = 152, PRCTL = 157, REMAP_FILE_PAGES = 216,
            EXIT_GROUP = 231, MBIND = 237, SET_MEMPOLICY = 238, GET_MEMPOLICY = 239,
            MIGRATE_PAGES = 256, SET_ROBUST_LIST = 273, GET_ROBUST_LIST = 274, VMSPLICE = 278,
            MOVE_PAGES = 279, FALLOCATE = 285, PROCESS_VM_READV = 310, PROCESS_VM_WRITEV = 311,
            MEMFD_CREATE = 319, EXECVEAT = 322, USERFAULTFD = 323, MLOCK2 = 325,
            PKEY_MPROTECT = 329, IO_URING_REGISTER = 427, CLONE3 = 435, PROCESS_MADVISE = 440,
            MSEAL = 462;

    private static final Map<Integer, String> NAMES = new HashMap<>();
    private static final Map<String, Integer> NUMBERS = new HashMap<>();

    static {
        table("syscalls-x86_64.txt").forEach((name, number) -> {
            NAMES.put(number.intValue(), name);
            NUMBERS.put(name, number.intValue());
        });
    }

    /** Reads a resource of lines {@code NAME NUMBER}, numbers as in C. */
    static Map<String, Long> table(String resource) {
        Map<String, Long> table = new HashMap<>();
        try (InputStream in = SyscallTable.class.getResourceAsStream(resource);
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int blank = line.indexOf(' ');
                table.put(line.substring(0, blank), Numbers.c(line.substring(blank + 1)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return table;
    }

    private SyscallTable() {}

    /** Name of a system call, {@code syscall_N} for a number the table does not have. */
    public static String name(int number) {
        return NAMES.getOrDefault(number, "syscall_" + number);
    }

    /** Number of a system call, -1 for a name the table does not have. */
    public static int number(String name) {
        return NUMBERS.getOrDefault(name, -1);
    }

    static boolean startsProcess(int number) {
        return number == CLONE || number == FORK || number == VFORK || number == CLONE3;
    }

    static boolean executes(int number) {
        return number == EXECVE || number == EXECVEAT;
    }
}
