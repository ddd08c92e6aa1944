package org.foliofleet.node.mm.memcg;

/** What can happen to a memory cgroup. */
interface MemcgEvent {
    void applyTo(MemoryCgroup cgroup);
}
