package org.foliofleet.node.mm;

import java.time.Clock;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.agrona.collections.Long2LongHashMap;
import org.foliofleet.protocol.id.PageRange;

/** What the memory model may not do, one sample per rule, and one class that does nothing wrong. */
public final class ImpureSamples {
    public static final class WallClock {
        public long now() {
            return System.nanoTime();
        }
    }

    public static final class TimeOfDay {
        public long now() {
            return Clock.systemUTC().millis();
        }
    }

    public static final class Dice {
        public int draw() {
            return new Random(1).nextInt();
        }
    }

    public static final class MoreDice {
        public double draw() {
            return Math.random();
        }
    }

    public static final class RandomName {
        public String name() {
            return UUID.randomUUID().toString();
        }
    }

    public static final class OtherThread {
        public void start() {
            new Thread(() -> {}).start();
        }
    }

    public static final class SharedCounter {
        public final AtomicLong count = new AtomicLong();
    }

    public static final class DefaultLocale {
        public String show(double share) {
            return String.format("%.1f", share);
        }
    }

    public static final class SaltedOrder {
        public String first() {
            return Set.of("a", "b", "c").iterator().next();
        }
    }

    public static final class Environment {
        public String home() {
            return System.getProperty("user.home");
        }
    }

    enum Colour { RED }

    public static final class EnumHash {
        public int hash() {
            return Colour.RED.hashCode();
        }
    }

    /** Uses much of the language and of what is allowed, so that no rule forbids more than it should. */
    public static final class Pure {
        private final Long2LongHashMap counts = new Long2LongHashMap(0);
        private final long[] raw = new long[4];

        record Run(PageRange range, Colour colour) {}

        public String touch(PageRange range, LongSupplier amount) {
            counts.put(range.start(), amount.getAsLong());
            Run run = new Run(range, Colour.RED);
            System.arraycopy(raw, 0, raw, 1, 2);
            if (range.isEmpty()) {
                throw new IllegalStateException("empty " + run);
            }
            return switch (run.colour()) {
                case RED -> run + " " + run.hashCode() + java.util.stream.LongStream.of(raw).map(x -> x + 1).sum();
            };
        }
    }

    private ImpureSamples() {}
}
