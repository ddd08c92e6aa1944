package org.foliofleet.node.mm.numa;

import java.util.Arrays;
import org.foliofleet.node.mm.collection.RunMap;
import org.foliofleet.protocol.message.Memcg;

/**
 * {@code struct page_counter} of all cgroups but the root, as far as the folios of one node go. What is charged follows from the folios,
 * each of which knows what it is charged to, and changes with them; it stays below what the node is allowed, but for folios that come
 * from other nodes, which bring their allowance with them.
 */
final class CgroupCharges {
    private static final long UNLIMITED = Long.MAX_VALUE;

    /** Pages by number of the cgroup; no longer than the highest number needs. */
    private long[] charged = {};
    /** Likewise; {@link #UNLIMITED} for those without a limit. */
    private long[] allowed = {};
    /** Likewise: what of it somebody is about to charge, and until which tick that is waited for. */
    private long[] promised = {};
    private long[] promisedUntil = {};

    /** Pages of the node that are charged to the cgroup. */
    long charged(int cgroup) {
        return cgroup < charged.length ? charged[cgroup] : 0;
    }

    /** Pages that may be charged to the cgroup. */
    long allowed(int cgroup) {
        return cgroup < allowed.length ? allowed[cgroup] : UNLIMITED;
    }

    /** Pages that may be charged to the cgroup beyond those that are. */
    long chargeable(int cgroup) {
        long limit = allowed(cgroup);
        return limit == UNLIMITED ? UNLIMITED : limit - charged(cgroup);
    }

    /** The highest number that ever had a charge. */
    int highest() {
        return charged.length - 1;
    }

    long promised(int cgroup) {
        return cgroup < promised.length ? promised[cgroup] : 0;
    }

    long promisedUntil(int cgroup) {
        return cgroup < promisedUntil.length ? promisedUntil[cgroup] : 0;
    }

    void allow(int cgroup, long pages, long ofThemPromised, long until) {
        if (cgroup >= allowed.length) {
            int before = allowed.length;
            promised = Arrays.copyOf(promised, cgroup + 1);
            promisedUntil = Arrays.copyOf(promisedUntil, cgroup + 1);
            allowed = Arrays.copyOf(allowed, cgroup + 1);
            Arrays.fill(allowed, before, allowed.length, UNLIMITED);
        }
        allowed[cgroup] = pages;
        promised[cgroup] = ofThemPromised;
        promisedUntil[cgroup] = until;
    }

    /** Pages that are charged go to another node, or come from there ({@code pages} negative or positive), with their allowance. */
    void move(int cgroup, long pages) {
        if (allowed(cgroup) != UNLIMITED) {
            allowed[cgroup] += pages;
        }
    }

    /** The folios of a range are charged ({@code sign} 1), or are about to be no longer (-1). */
    void count(RunMap<Folio> folios, long start, long end, int sign) {
        folios.forEach(start, end, (from, count, folio) -> {
            int cgroup = folio.cgroup();
            if (cgroup != Memcg.ROOT) {
                if (cgroup >= charged.length) {
                    charged = Arrays.copyOf(charged, cgroup + 1);
                }
                charged[cgroup] += sign * count;
            }
        });
    }
}
