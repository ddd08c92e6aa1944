package org.foliofleet.node.mm.cache;

import java.util.List;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.Mempolicy;
import org.foliofleet.protocol.message.Shadow;

/** What can happen to a page cache. */
final class CacheEvents {
    private CacheEvents() {}

    record Began(String name, boolean shmem, long pages) implements CacheEvent {
        @Override
        public void applyTo(AddressSpace space) {
            space.name = name;
            space.shmem = shmem;
            space.size = pages;
        }
    }

    /** A driver has this memory now. */
    record DeviceBegan(String name, long pages, DeviceMemory memory) implements CacheEvent {
        @Override
        public void applyTo(AddressSpace space) {
            space.name = name;
            space.size = pages;
            space.device = memory;
        }
    }

    /** {@code i_size_write()}: the last page may be in the file with its first bytes only. */
    record Resized(long pages, boolean endsInPage) implements CacheEvent {
        @Override
        public void applyTo(AddressSpace space) {
            space.size = pages;
            space.endsInPage = endsInPage;
        }
    }

    record PolicySet(PageRange range, Mempolicy policy) implements CacheEvent {
        @Override
        public void applyTo(AddressSpace space) {
            if (policy == null) {
                space.policies.clear(range.start(), range.count());
            } else {
                space.policies.set(range.start(), range.count(), policy);
            }
        }
    }

    /** Pages were reclaimed, and are holes. */
    record Evicted(List<Shadow> pages) implements CacheEvent {
        @Override
        public void applyTo(AddressSpace space) {
            pages.forEach(space.shadows::add);
        }
    }

    record Attached(int process) implements CacheEvent {
        @Override
        public void applyTo(AddressSpace space) {
            space.mappers.add(process);
        }
    }

    record Detached(int process) implements CacheEvent {
        @Override
        public void applyTo(AddressSpace space) {
            space.mappers.remove(process);
        }
    }

    /** File pages got this, whatever they had. */
    record PagesSet(long index, long count, CachePage page) implements CacheEvent {
        @Override
        public void applyTo(AddressSpace space) {
            space.pages.set(index, count, page);
            space.shadows.clear(index, count);
        }
    }

    /** File pages are holes now. */
    record PagesCleared(long index, long count) implements CacheEvent {
        @Override
        public void applyTo(AddressSpace space) {
            space.pages.clear(index, count);
            space.shadows.clear(index, count);
        }
    }

    /** Folios in the range are initialized. */
    record MadeUptodate(long index, long count) implements CacheEvent {
        @Override
        public void applyTo(AddressSpace space) {
            space.pages.transform(index, index + count, (start, n, page) -> page.withUptodate());
        }
    }

    /** The last user is gone. */
    record Gone() implements CacheEvent {
        @Override
        public void applyTo(AddressSpace space) {
            space.gone = true;
        }
    }
}
