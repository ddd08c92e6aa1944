package org.foliofleet.node.trace;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.foliofleet.protocol.BadInput;

/** The lines of a text file, plain or gzipped, one at a time; only one is ever held in memory. */
public final class TraceLines implements AutoCloseable {
    private static final int LINE_LIMIT = 1 << 20;

    private final Path file;
    private final long size;
    private final Counting counting;
    private final InputStream in;
    private byte[] buffer = new byte[512];
    private long number;
    private boolean lastEnded = true;

    /** Opens a file; {@link BadInput} if it cannot be read. */
    public TraceLines(Path file) {
        this.file = file;
        if (Files.isDirectory(file)) {
            throw new BadInput(file + ": is a directory; name a trace file");
        }
        if (!Files.isReadable(file)) {
            throw new BadInput(file + ": no such file, or it may not be read; check the path");
        }
        try {
            size = Files.size(file);
            counting = new Counting(Files.newInputStream(file));
            BufferedInputStream raw = new BufferedInputStream(counting, 1 << 16);
            raw.mark(2);
            boolean gzip = raw.read() == 0x1f && raw.read() == 0x8b;
            raw.reset();
            in = gzip ? new BufferedInputStream(new GZIPInputStream(raw, 1 << 16), 1 << 16) : raw;
        } catch (EOFException e) {
            throw new BadInput(file + ": line 1: the gzip file is cut short; copy or compress it again");
        } catch (IOException e) {
            throw new BadInput(file + ": cannot be read: " + e.getMessage() + "; check the file");
        }
    }

    /** The next line without its end, or null after the last. */
    public String next() {
        try {
            int length = 0;
            int b = in.read();
            if (b < 0) {
                return null;
            }
            number++;
            boolean ascii = true;
            while (b >= 0 && b != '\n') {
                if (length == buffer.length) {
                    if (length >= LINE_LIMIT) {
                        throw wrong("the line is longer than " + LINE_LIMIT + " bytes",
                                "give the text that perf script or strace wrote");
                    }
                    buffer = Arrays.copyOf(buffer, 2 * length);
                }
                if (b == 0) {
                    throw wrong("a zero byte: this is no text",
                            "perf.data must be turned into text by perf script first");
                }
                ascii &= b < 128;
                buffer[length++] = (byte) b;
                b = in.read();
            }
            lastEnded = b == '\n';
            if (length > 0 && buffer[length - 1] == '\r') {
                length--;
            }
            return ascii ? new String(buffer, 0, length, StandardCharsets.ISO_8859_1) : decode(length);
        } catch (EOFException e) {
            throw wrong("the gzip file is cut short here", "copy or compress it again");
        } catch (ZipException e) {
            throw wrong("the gzip file is damaged here (" + e.getMessage() + ")", "copy or compress it again");
        } catch (IOException e) {
            throw wrong("cannot be read: " + e.getMessage(), "check the file");
        }
    }

    private String decode(int length) {
        try {
            return StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(buffer, 0, length)).toString();
        } catch (CharacterCodingException e) {
            throw wrong("not UTF-8 text", "give the text that perf script or strace wrote, as UTF-8");
        }
    }

    /** Number of the line that {@link #next} gave last, from 1. */
    public long number() {
        return number;
    }

    /** Whether the line given last ended with a line end, as every line of an unbroken recording does. */
    public boolean lastEnded() {
        return lastEnded;
    }

    public Path file() {
        return file;
    }

    /** How much of the file has been read, 0 to 1. */
    public double progress() {
        return size == 0 ? 1 : Math.min(1, (double) counting.count / size);
    }

    /** A complaint about the line given last. */
    public BadInput wrong(String what, String remedy) {
        return wrong(number, what, remedy);
    }

    /** A complaint about an earlier line. */
    public BadInput wrong(long line, String what, String remedy) {
        return new BadInput(file + ": line " + Math.max(1, line) + ": " + what + "; " + remedy);
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            // Nothing was written, so nothing can be lost.
        }
    }

    private static final class Counting extends FilterInputStream {
        private long count;

        Counting(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int b = super.read();
            count += b < 0 ? 0 : 1;
            return b;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int n = super.read(bytes, offset, length);
            count += Math.max(0, n);
            return n;
        }
    }
}
