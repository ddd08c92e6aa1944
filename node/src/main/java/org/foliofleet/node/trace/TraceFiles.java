package org.foliofleet.node.trace;

import java.util.HashMap;
import java.util.Map;
import org.foliofleet.protocol.id.PageRange;

/** The files a trace maps: which mapping is of which file, and how large it must be. */
final class TraceFiles {
    /** What is known of a descriptor: closing and opening are not recorded, so only what later calls confirm. */
    static final class Descriptor {
        String key;
        long pages;
        boolean memfd;
        /** What was allocated before the file had a name. */
        PageRange allocated;

        Descriptor copy() {
            Descriptor copy = new Descriptor();
            copy.key = key;
            copy.pages = pages;
            copy.memfd = memfd;
            copy.allocated = allocated;
            return copy;
        }
    }

    private static final class File {
        private long pages;
        private boolean shmem;
    }

    private final TraceTarget target;
    private final Map<String, File> files = new HashMap<>();
    private final Map<String, String> aliases = new HashMap<>();
    private long unnamed;

    TraceFiles(TraceTarget target) {
        this.target = target;
    }

    /**
     * Makes sure that the file exists and is large enough; the size of a file is not recorded, so it is taken to reach
     * as far as it is mapped.
     *
     * @return the name under which the model knows it
     */
    String need(String key, long pages, boolean shmem) {
        String name = aliases.getOrDefault(key, key);
        File file = files.get(name);
        if (file == null) {
            file = new File();
            file.pages = pages;
            file.shmem = shmem;
            files.put(name, file);
            target.createFile(name, pages, shmem);
        } else if (file.pages < pages && !file.shmem) {
            file.pages = pages;
            target.growFile(name, pages);
        }
        return name;
    }

    /** A new memfd, not yet seen by any name. */
    Descriptor memfd() {
        Descriptor made = new Descriptor();
        made.memfd = true;
        made.key = need("memfd " + unnamed++, 0, true);
        return made;
    }

    /** A key for a file that the recording shows only by its descriptor. */
    String unnamed() {
        return "file " + unnamed++;
    }

    /** From now on {@code key} means the file {@code name}. */
    void alias(String key, String name) {
        if (!key.equals(name)) {
            aliases.put(key, name);
        }
    }

    void resized(String name, long pages) {
        File file = files.get(name);
        if (file != null) {
            file.pages = pages;
        }
    }

    static boolean isShmem(String path) {
        return path.startsWith("/memfd:") || path.startsWith("/dev/shm/") || path.startsWith("/SYSV");
    }
}
