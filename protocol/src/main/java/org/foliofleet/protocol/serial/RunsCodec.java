package org.foliofleet.protocol.serial;

import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;

/** Runs of entries and of frames: starts as distances from the end before. */
final class RunsCodec {
    private RunsCodec() {}

    static void write(PageRuns runs, Encoder out) {
        Shape pte = Shape.of(Pte.class);
        out.writeLong(runs.size());
        long end = 0;
        for (int i = 0; i < runs.size(); i++) {
            out.writeLong(runs.start(i) - end);
            out.writeLong(runs.count(i));
            pte.write(runs.entry(i), out);
            end = runs.end(i);
        }
    }

    static PageRuns readPages(Decoder in) {
        int size = in.readSize();
        if (size == 0) {
            return PageRuns.NONE;
        }
        Shape pte = Shape.of(Pte.class);
        PageRuns.Builder runs = PageRuns.builder();
        long end = 0;
        for (int i = 0; i < size; i++) {
            long start = end + in.readLong();
            long count = in.readLong();
            runs.add(start, count, (Pte) pte.read(in));
            end = start + count;
        }
        return runs.build();
    }

    static void write(FrameRuns runs, Encoder out) {
        out.writeLong(runs.size());
        long end = 0;
        for (int i = 0; i < runs.size(); i++) {
            out.writeLong(runs.start(i) - end);
            out.writeLong(runs.count(i));
            end = runs.start(i) + runs.count(i);
        }
    }

    static FrameRuns readFrames(Decoder in) {
        int size = in.readSize();
        if (size == 0) {
            return FrameRuns.NONE;
        }
        FrameRuns.Builder runs = new FrameRuns.Builder();
        long end = 0;
        for (int i = 0; i < size; i++) {
            long start = end + in.readLong();
            long count = in.readLong();
            runs.add(start, count);
            end = start + count;
        }
        return runs.build();
    }
}
