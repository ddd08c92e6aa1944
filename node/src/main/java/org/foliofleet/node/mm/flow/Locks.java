package org.foliofleet.node.mm.flow;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Sleeping locks of one owner: shared or exclusive, first come first served, held by flights. */
final class Locks {
    private record Waiter(Flight flight, boolean exclusive) {}

    private static final class Lock {
        final Object key;
        final ArrayList<Flight> holders = new ArrayList<>(2);
        boolean exclusive;
        final ArrayDeque<Waiter> queue = new ArrayDeque<>(2);

        Lock(Object key) {
            this.key = key;
        }

        boolean admits(boolean wantsExclusive) {
            return holders.isEmpty() || !exclusive && !wantsExclusive;
        }
    }

    private final ArrayList<Lock> locks = new ArrayList<>(2);

    /** What a lock is in a snapshot: flights by number. */
    private record Held(Object key, boolean exclusive, List<Long> holders, List<Long> waiters, List<Boolean> waitersExclusive) {}

    /** All locks as one value. */
    static List<Object> image(Locks locks) {
        List<Object> image = new ArrayList<>();
        if (locks != null) {
            for (Lock lock : locks.locks) {
                List<Long> holders = new ArrayList<>();
                lock.holders.forEach(flight -> holders.add(flight.number));
                List<Long> waiters = new ArrayList<>();
                List<Boolean> exclusive = new ArrayList<>();
                for (Waiter waiter : lock.queue) {
                    waiters.add(waiter.flight.number);
                    exclusive.add(waiter.exclusive);
                }
                image.add(new Held(lock.key, lock.exclusive, holders, waiters, exclusive));
            }
        }
        return image;
    }

    /** Makes the locks of an owner whose flights are known. */
    static void restore(List<?> image, Owner owner) {
        for (Object each : image) {
            Held held = (Held) each;
            Lock lock = new Lock(held.key);
            lock.exclusive = held.exclusive;
            held.holders.forEach(number -> lock.holders.add(owner.flight(number)));
            for (int i = 0; i < held.waiters.size(); i++) {
                lock.queue.add(new Waiter(owner.flight(held.waiters.get(i)), held.waitersExclusive.get(i)));
            }
            owner.needLocks().locks.add(lock);
        }
    }

    private Lock find(Object key) {
        for (Lock lock : locks) {
            if (lock.key.equals(key)) {
                return lock;
            }
        }
        return null;
    }

    boolean isEmpty() {
        return locks.isEmpty();
    }

    /** Takes the lock, or queues for it. */
    boolean acquire(Flight flight, Object key, boolean exclusive) {
        Lock lock = find(key);
        if (lock == null) {
            lock = new Lock(key);
            locks.add(lock);
        }
        if (lock.queue.isEmpty() && lock.admits(exclusive)) {
            lock.holders.add(flight);
            lock.exclusive = exclusive;
            return true;
        }
        lock.queue.add(new Waiter(flight, exclusive));
        return false;
    }

    /** Takes the lock only if nobody holds or awaits it in a way that conflicts. */
    boolean tryAcquire(Flight flight, Object key, boolean exclusive) {
        Lock lock = find(key);
        if (lock != null && (!lock.queue.isEmpty() || !lock.admits(exclusive))) {
            return false;
        }
        return acquire(flight, key, exclusive);
    }

    boolean isHeld(Object key) {
        return find(key) != null;
    }

    /** Gives the lock up and adds those who got it to {@code granted}. */
    void release(Flight flight, Object key, List<Flight> granted) {
        Lock lock = find(key);
        if (lock == null || !lock.holders.remove(flight)) {
            throw new IllegalStateException(flight + " releases " + key + ", which it does not hold");
        }
        for (Iterator<Waiter> waiters = lock.queue.iterator(); waiters.hasNext();) {
            Waiter waiter = waiters.next();
            if (!lock.admits(waiter.exclusive)) {
                break;
            }
            waiters.remove();
            lock.holders.add(waiter.flight);
            lock.exclusive = waiter.exclusive;
            granted.add(waiter.flight);
        }
        if (lock.holders.isEmpty()) {
            locks.remove(lock);
        }
    }
}
