package org.foliofleet.protocol.program;

import java.util.List;

/**
 * A number in a program that may be drawn anew each time: pages, nanoseconds or a count, as its place says.
 *
 * <p>{@link #least} and {@link #most} bound what it can become; {@code lastIndex} holds, for each enclosing loop, the
 * index of its last round.
 */
public sealed interface Amount {
    /** What an amount may look at when it is drawn. */
    interface Scope {
        /** Index of the current round of the enclosing loop of that level; 0 is the outermost. */
        long index(int level);

        RandomStream random();
    }

    long draw(Scope scope);

    long least(long[] lastIndex);

    long most(long[] lastIndex);

    /** Whether it is the same in every draw. */
    default boolean isConstant() {
        return this instanceof Constant;
    }

    static Amount of(long value) {
        return new Constant(value);
    }

    record Constant(long value) implements Amount {
        @Override
        public long draw(Scope scope) {
            return value;
        }

        @Override
        public long least(long[] lastIndex) {
            return value;
        }

        @Override
        public long most(long[] lastIndex) {
            return value;
        }
    }

    record Sum(List<Amount> terms) implements Amount {
        public Sum {
            terms = List.copyOf(terms);
        }

        @Override
        public long draw(Scope scope) {
            long sum = 0;
            for (Amount term : terms) {
                sum += term.draw(scope);
            }
            return sum;
        }

        @Override
        public long least(long[] lastIndex) {
            return terms.stream().mapToLong(term -> term.least(lastIndex)).sum();
        }

        @Override
        public long most(long[] lastIndex) {
            return terms.stream().mapToLong(term -> term.most(lastIndex)).sum();
        }
    }

    /** Index of an enclosing loop times {@code stride}. */
    record Indexed(int level, long stride) implements Amount {
        @Override
        public long draw(Scope scope) {
            return scope.index(level) * stride;
        }

        @Override
        public long least(long[] lastIndex) {
            return Math.min(0, lastIndex[level] * stride);
        }

        @Override
        public long most(long[] lastIndex) {
            return Math.max(0, lastIndex[level] * stride);
        }
    }

    /** One of {@code min, min + step, …} up to {@code max}, each equally likely. */
    record Uniform(long min, long max, long step) implements Amount {
        @Override
        public long draw(Scope scope) {
            return min + scope.random().below((max - min) / step + 1) * step;
        }

        @Override
        public long least(long[] lastIndex) {
            return min;
        }

        @Override
        public long most(long[] lastIndex) {
            return max;
        }
    }

    /**
     * One of {@code min, min + step, …} up to {@code max}, the k-th about 1/k as likely as the first: every doubling of
     * k is equally likely, and inside it every k. (Exact Zipf weights would need a table or floating point.)
     */
    record Zipf(long min, long max, long step) implements Amount {
        @Override
        public long draw(Scope scope) {
            RandomStream random = scope.random();
            long count = (max - min) / step + 1;
            int octaves = 64 - Long.numberOfLeadingZeros(count);
            while (true) {
                long first = 1L << random.below(octaves);
                long rank = first + random.below(first);
                if (rank <= count) {
                    return min + (rank - 1) * step;
                }
            }
        }

        @Override
        public long least(long[] lastIndex) {
            return min;
        }

        @Override
        public long most(long[] lastIndex) {
            return max;
        }
    }

    /** One of the choices, each equally likely. */
    record OneOf(List<Amount> choices) implements Amount {
        public OneOf {
            choices = List.copyOf(choices);
        }

        @Override
        public long draw(Scope scope) {
            return choices.get((int) scope.random().below(choices.size())).draw(scope);
        }

        @Override
        public long least(long[] lastIndex) {
            return choices.stream().mapToLong(choice -> choice.least(lastIndex)).min().orElseThrow();
        }

        @Override
        public long most(long[] lastIndex) {
            return choices.stream().mapToLong(choice -> choice.most(lastIndex)).max().orElseThrow();
        }
    }

    /** Exponentially distributed with that mean, as the times between independent arrivals are. */
    record Exponential(long mean) implements Amount {
        /** ln 2 in units of 2^-32. */
        private static final long LN2 = 2977044472L;

        @Override
        public long draw(Scope scope) {
            return Math.multiplyHigh(mean << 20, negativeLogarithm(scope.random().next()) << 12);
        }

        /** {@code -ln(u)} in units of 2^-32, for u = (bits + 1) / 2^64: whole part by the leading zeros, rest bit by bit. */
        private static long negativeLogarithm(long bits) {
            long value = bits == -1 ? -1 : bits + 1;
            int zeros = Long.numberOfLeadingZeros(value);
            long mantissa = (value << zeros) >>> 32;            // in [2^31, 2^32): 1.0 <= m < 2.0
            long log2 = 0;
            for (int bit = 0; bit < 32; bit++) {
                mantissa = (mantissa * mantissa) >>> 31;
                log2 <<= 1;
                if (mantissa >>> 32 != 0) {
                    log2 |= 1;
                    mantissa >>>= 1;
                }
            }
            long negativeLog2 = ((zeros + 1L) << 32) - log2;
            return (negativeLog2 >>> 32) * LN2 + (((negativeLog2 & 0xFFFFFFFFL) * LN2) >>> 32);
        }

        @Override
        public long least(long[] lastIndex) {
            return 0;
        }

        @Override
        public long most(long[] lastIndex) {
            return mean * 45;
        }
    }
}
