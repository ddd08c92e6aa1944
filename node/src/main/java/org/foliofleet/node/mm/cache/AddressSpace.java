package org.foliofleet.node.mm.cache;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.foliofleet.node.mm.collection.RunMap;
import org.foliofleet.node.mm.flow.Handlers;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.node.mm.pressure.Shadows;
import org.foliofleet.protocol.id.OwnerId.AddressSpaceId;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.message.AddressSpaceCommand;
import org.foliofleet.protocol.message.Collapse;
import org.foliofleet.protocol.message.Command;
import org.foliofleet.protocol.message.Device;
import org.foliofleet.protocol.message.Mempolicy;
import org.foliofleet.protocol.message.Migration;
import org.foliofleet.protocol.message.Userfault;

/**
 * {@code address_space} with its inode: the page cache of a file, a memfd or shared anonymous memory, and who maps it; or a
 * device, whose driver has memory in place of a page cache.
 */
public final class AddressSpace extends Owner {
    /**
     * Lock: {@code invalidate_lock}, for shmem {@code inode->i_private} with its wait queue. Shared by faults and writes,
     * exclusive while pages are taken out of the file.
     */
    static final String INVALIDATE_LOCK = "invalidate_lock";
    /** Lock: {@code xa_lock} of {@code i_pages}, and the lock of every folio in it: exclusive while a folio becomes others. */
    static final String PAGES_LOCK = "i_pages";
    /** Lock: {@code inode_lock()}. */
    static final String INODE_LOCK = "inode";

    private static final Handlers<AddressSpace> HANDLERS = new Handlers<AddressSpace>()
            .atomic(AddressSpaceCommand.Begin.class, AddressSpace::begin)
            .flow(Device.Begin.class, DevicePages::begin)
            .atomic(Device.End.class, DevicePages::end)
            .atomic(Device.Describe.class, DevicePages::describe)
            .atomic(Device.Insert.class, DevicePages::insert)
            .atomic(AddressSpaceCommand.Attach.class, AddressSpace::attach)
            .flow(AddressSpaceCommand.Detach.class, AddressSpace::detach)
            .atomic(AddressSpaceCommand.SetPolicy.class, AddressSpace::setPolicy)
            .atomic(AddressSpaceCommand.PolicyOf.class, (space, of, turn) -> space.policy(of.index()))
            .flow(Migration.MoveCached.class, CacheMigration::move)
            .atomic(AddressSpaceCommand.Mappers.class, AddressSpace::mappers)
            .flow(AddressSpaceCommand.Fault.class, CacheFault::map)
            .flow(AddressSpaceCommand.CopyFault.class, CacheFault::copy)
            .flow(Userfault.FillCache.class, UserfaultCache::fill)
            .atomic(AddressSpaceCommand.ShmemSize.class, (space, size, turn) -> space.shmem ? space.size : -1)
            .flow(Collapse.File.class, FileCollapse::collapse)
            .atomic(Collapse.HugeFolio.class, FileCollapse::hugeFolio)
            .atomic(Collapse.MapHuge.class, FileCollapse::mapHuge)
            .flow(AddressSpaceCommand.Pwrite.class, CacheWrite::pwrite)
            .flow(AddressSpaceCommand.Fallocate.class, CacheWrite::fallocate)
            .flow(AddressSpaceCommand.SwapOut.class, CacheSwap::swapOut)
            .flow(AddressSpaceCommand.DropClean.class, CacheSwap::dropClean)
            .flow(AddressSpaceCommand.CommitSplit.class, CacheSplit::commit)
            .flow(AddressSpaceCommand.SplitHuge.class, CacheSplit::splitHuge)
            .flow(AddressSpaceCommand.PunchHole.class, Truncation::punchHole)
            .flow(AddressSpaceCommand.Truncate.class, Truncation::truncate);

    String name = "";
    boolean shmem;
    /** {@code i_size}, in pages, rounded up. */
    long size;
    /** {@code i_size} lies within the last page, as it does after a {@code pwrite()} of a few bytes. */
    boolean endsInPage;
    /** {@code i_pages}, by file page. */
    final RunMap<CachePage> pages = new RunMap<>();
    /** What is remembered of pages that were reclaimed, by file page; of a regular file. */
    final Shadows shadows = new Shadows();
    /** Numbers of the processes with VMAs in {@code i_mmap}. */
    final TreeSet<Integer> mappers = new TreeSet<>();
    /** {@code shared_policy} of shmem, by file page. */
    final RunMap<Mempolicy> policies = new RunMap<>();
    /** What the driver has; null unless this is a device. */
    DeviceMemory device;
    boolean gone;

    public AddressSpace(AddressSpaceId id) {
        super(id);
    }

    public static Handlers<AddressSpace> handlers() {
        return HANDLERS;
    }

    @Override
    protected Object handle(Command<?> command, Turn turn) {
        return HANDLERS.handle(this, command, turn);
    }

    @Override
    protected void apply(Object event) {
        ((CacheEvent) event).applyTo(this);
    }

    @Override
    public boolean isGone() {
        return gone;
    }

    // -- for whoever looks at the machine from outside -----------------------------------------------------------

    /** By which it is opened; empty for shared anonymous memory. */
    public String name() {
        return name;
    }

    public boolean isShmem() {
        return shmem;
    }

    /** Size in pages, rounded up: what may be mapped and touched. */
    public long size() {
        return size;
    }

    /** Size in whole pages: what {@code fstat()} and {@code lseek()} report, in pages. */
    public long wholePages() {
        return endsInPage ? size - 1 : size;
    }

    public RunMap<CachePage> pages() {
        return pages;
    }

    /** {@code mpol_shared_policy_lookup()}: the policy of a file page, or null. */
    public Mempolicy policy(long index) {
        return policies.get(index);
    }

    /** What the driver of a device has; null for files. */
    public DeviceMemory device() {
        return device;
    }

    /** Whether a process is known to map it. */
    public boolean hasMapper(int process) {
        return mappers.contains(process);
    }

    // -- who maps it ---------------------------------------------------------------------------------------------

    private Void begin(AddressSpaceCommand.Begin begin, Turn turn) {
        turn.emit(new CacheEvents.Began(begin.name(), begin.shmem(), begin.pages()));
        return null;
    }

    private Void attach(AddressSpaceCommand.Attach attach, Turn turn) {
        turn.emit(new CacheEvents.Attached(attach.process()));
        return null;
    }

    private Void setPolicy(AddressSpaceCommand.SetPolicy set, Turn turn) {
        turn.emit(new CacheEvents.PolicySet(set.range(), set.policy()));
        return null;
    }

    private Void detach(AddressSpaceCommand.Detach detach, Turn turn) {
        turn.run(() -> turn.emit(new CacheEvents.Detached(detach.process())));
        if (turn.step(() -> name.isEmpty() && mappers.isEmpty())) {
            Truncation.evict(this, turn);
        }
        return null;
    }

    List<ProcessId> mappers() {
        List<ProcessId> all = new ArrayList<>();
        for (int process : mappers) {
            all.add(new ProcessId(process));
        }
        return all;
    }

    private List<ProcessId> mappers(AddressSpaceCommand.Mappers request, Turn turn) {
        return mappers();
    }
}
