package org.foliofleet.node.trace;

/**
 * One line of {@code perf script}: {@code comm pid/tid [cpu] seconds: event: rest}.
 *
 * @param event name without the colon; of a {@code PERF_RECORD_} line the record's name
 * @param rest  what follows, trimmed
 */
record PerfLine(String comm, int pid, int tid, long nanos, String event, String rest) {
    /** Reads a line; null if it has another shape. */
    static PerfLine parse(String line) {
        int slash = line.indexOf('/');
        for (; slash > 0; slash = line.indexOf('/', slash + 1)) {
            PerfLine found = parseAt(line, slash);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    /** A thread's name may hold slashes and digits itself, so every slash is tried for the one between pid and tid. */
    private static PerfLine parseAt(String line, int slash) {
        int pidStart = slash;
        while (pidStart > 0 && Character.isDigit(line.charAt(pidStart - 1))) {
            pidStart--;
        }
        int commEnd = pidStart > 0 && line.charAt(pidStart - 1) == '-' ? pidStart - 1 : pidStart;
        int tidEnd = slash + 1;
        int length = line.length();
        if (tidEnd < length && line.charAt(tidEnd) == '-') {
            tidEnd++;
        }
        while (tidEnd < length && Character.isDigit(line.charAt(tidEnd))) {
            tidEnd++;
        }
        if (pidStart == slash || tidEnd == slash + 1 || commEnd > 0 && line.charAt(commEnd - 1) != ' ') {
            return null;
        }
        int at = skipBlanks(line, tidEnd);
        if (at == tidEnd) {
            return null;
        }
        if (at < length && line.charAt(at) == '[') {
            int close = line.indexOf(']', at);
            if (close < 0) {
                return null;
            }
            at = skipBlanks(line, close + 1);
        }
        int timeEnd = line.indexOf(':', at);
        if (timeEnd < 0 || timeEnd == at) {
            return null;
        }
        long nanos = Numbers.nanos(line.substring(at, timeEnd));
        int pid = Numbers.smallInt(line.substring(commEnd, slash));
        int tid = Numbers.smallInt(line.substring(slash + 1, tidEnd));
        if (nanos < 0 || pid == Integer.MIN_VALUE || tid == Integer.MIN_VALUE) {
            return null;
        }
        int eventStart = skipBlanks(line, timeEnd + 1);
        int eventEnd = eventStart;
        while (eventEnd < length && line.charAt(eventEnd) != ' ' && line.charAt(eventEnd) != '(') {
            eventEnd++;
        }
        if (eventEnd == eventStart) {
            return null;
        }
        String event = line.substring(eventStart, eventEnd);
        return new PerfLine(line.substring(0, commEnd).strip(), pid, tid, nanos,
                event.endsWith(":") ? event.substring(0, event.length() - 1) : event, line.substring(eventEnd).strip());
    }

    private static int skipBlanks(String line, int from) {
        int at = from;
        while (at < line.length() && line.charAt(at) == ' ') {
            at++;
        }
        return at;
    }
}
