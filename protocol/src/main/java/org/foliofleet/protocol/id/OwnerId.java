package org.foliofleet.protocol.id;

/**
 * Who can hold state and receive a message: one for each lock domain of the kernel (DESIGN.md, "Owners").
 *
 * <p>{@link #key()} orders all owners of a machine: the order in which a tick visits them and in which their messages
 * are sorted, so the numbers of the kinds are behaviour.
 */
public sealed interface OwnerId extends Comparable<OwnerId> {
    /** Kind in bits 59 to 62, a process or object number in bits 32 to 58, a serial number in bits 0 to 31. */
    long key();

    @Override
    default int compareTo(OwnerId other) {
        return Long.compare(key(), other.key());
    }

    private static long key(int kind, int number, int serial) {
        return (long) kind << 59 | (long) number << 32 | serial & 0xffff_ffffL;
    }

    /** Whoever stands outside the machine and asks it to do something: a replay, a program's start, a test. */
    record DriverId() implements OwnerId {
        @Override
        public long key() {
            return OwnerId.key(0, 0, 0);
        }
    }

    /** A process: {@code mm_struct} under {@code mmap_lock}. Numbers start at 1 and are the mm ids of folios. */
    record ProcessId(int number) implements OwnerId {
        @Override
        public long key() {
            return OwnerId.key(1, number, 0);
        }

        @Override
        public String toString() {
            return "process " + number;
        }
    }

    /** A VMA of a process; serial numbers are not used again within the process. */
    record VmaId(int process, int serial) implements OwnerId {
        @Override
        public long key() {
            return OwnerId.key(2, process, serial);
        }

        @Override
        public String toString() {
            return "vma " + process + "." + serial;
        }
    }

    /** {@code pglist_data}: frames, folios, LRU lists, deferred split queue. */
    record NumaNodeId(int number) implements OwnerId {
        @Override
        public long key() {
            return OwnerId.key(3, number, 0);
        }

        @Override
        public String toString() {
            return "node " + number;
        }
    }

    /** {@code address_space}: the page cache of a file, a memfd or a shared anonymous mapping. */
    record AddressSpaceId(int number) implements OwnerId {
        @Override
        public long key() {
            return OwnerId.key(4, number, 0);
        }

        @Override
        public String toString() {
            return "address space " + number;
        }
    }

    /** The anon_vma tree of a family of forked VMAs, named after the process and the count of roots it made before. */
    record AnonVmaRootId(int process, int serial) implements OwnerId {
        @Override
        public long key() {
            return OwnerId.key(5, process, serial);
        }

        @Override
        public String toString() {
            return "anon_vma root " + process + "." + serial;
        }
    }

    /** The swap device: swap map, swap cache, contents. */
    record SwapId() implements OwnerId {
        @Override
        public long key() {
            return OwnerId.key(6, 0, 0);
        }

        @Override
        public String toString() {
            return "swap";
        }
    }

    /** The names of a machine: process numbers, files and memfds. */
    record NamespaceId() implements OwnerId {
        @Override
        public long key() {
            return OwnerId.key(7, 0, 0);
        }

        @Override
        public String toString() {
            return "namespace";
        }
    }

    /** What administrators see of a kernel: the files of {@code /sys/kernel/mm} and {@code /proc/sys/vm}. */
    record KernelControlId() implements OwnerId {
        @Override
        public long key() {
            return OwnerId.key(8, 0, 0);
        }

        @Override
        public String toString() {
            return "kernel control";
        }
    }

    /** The programs that run on a machine: where each is, and what came of it. */
    record WorkloadId() implements OwnerId {
        @Override
        public long key() {
            return OwnerId.key(9, 0, 0);
        }

        @Override
        public String toString() {
            return "workload";
        }
    }

    /** {@code ksmd}: the trees of equal pages. */
    record KsmdId() implements OwnerId {
        @Override
        public long key() {
            return OwnerId.key(10, 0, 0);
        }

        @Override
        public String toString() {
            return "ksmd";
        }
    }

    /** {@code khugepaged}: where it is in its list of processes, and what came of all collapses. */
    record KhugepagedId() implements OwnerId {
        @Override
        public long key() {
            return OwnerId.key(11, 0, 0);
        }

        @Override
        public String toString() {
            return "khugepaged";
        }
    }

    /** A memory cgroup that has a limit. Numbers start at 1. */
    record MemcgId(int number) implements OwnerId {
        @Override
        public long key() {
            return OwnerId.key(12, number, 0);
        }

        @Override
        public String toString() {
            return "cgroup " + number;
        }
    }

    /** The owner that {@link #key()} names. */
    static OwnerId of(long key) {
        int number = (int) (key >>> 32) & 0x7ff_ffff;
        int serial = (int) key;
        return switch ((int) (key >>> 59)) {
            case 0 -> new DriverId();
            case 1 -> new ProcessId(number);
            case 2 -> new VmaId(number, serial);
            case 3 -> new NumaNodeId(number);
            case 4 -> new AddressSpaceId(number);
            case 5 -> new AnonVmaRootId(number, serial);
            case 6 -> new SwapId();
            case 7 -> new NamespaceId();
            case 8 -> new KernelControlId();
            case 9 -> new WorkloadId();
            case 10 -> new KsmdId();
            case 11 -> new KhugepagedId();
            case 12 -> new MemcgId(number);
            default -> throw new IllegalArgumentException("no owner has the key " + key);
        };
    }
}
