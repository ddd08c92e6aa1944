package org.foliofleet.node.mm.cache;

import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.program.DeviceKind;

/**
 * The memory that a driver has for a device.
 *
 * @param kind   how the driver maps it
 * @param order  of its allocations
 * @param frames in the order of the device's pages; none once the driver has freed them
 */
public record DeviceMemory(DeviceKind kind, int order, FrameRuns frames) {
    /** Frame of one of the device's pages. */
    long frame(long page) {
        long left = page;
        for (int i = 0; i < frames.size(); i++) {
            if (left < frames.count(i)) {
                return frames.start(i) + left;
            }
            left -= frames.count(i);
        }
        throw new IndexOutOfBoundsException("page " + page + " of " + this);
    }

    /** Pages from this one on, at most {@code count}, whose frames follow on. */
    long alike(long page, long count) {
        long left = page;
        for (int i = 0; i < frames.size(); i++) {
            if (left < frames.count(i)) {
                return Math.min(count, frames.count(i) - left);
            }
            left -= frames.count(i);
        }
        return 0;
    }
}
