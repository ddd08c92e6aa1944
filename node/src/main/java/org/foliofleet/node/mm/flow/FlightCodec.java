package org.foliofleet.node.mm.flow;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.message.Command;
import org.foliofleet.protocol.message.Latencies;
import org.foliofleet.protocol.serial.Decoder;
import org.foliofleet.protocol.serial.Encoder;

/** Operations under way and their locks, as values. */
final class FlightCodec {
    /** A flight with nothing but values in it. */
    private record Image(long number, OwnerId requester, long requesterFlight, int requesterCall, boolean wantsReply, Command<?> command,
            List<Object> log, long cost, Latencies spent, int pending, Object parkedOn, List<Object> locks, long parkedSince) {}

    private FlightCodec() {}

    static void write(Owner owner, Encoder out) {
        List<Flight> flights = owner.flights();
        out.writeLong(flights.size());
        for (Flight f : flights) {
            out.writeValue(new Image(f.number, f.requester, f.requesterFlight, f.requesterCall, f.wantsReply, f.command, f.log, f.cost,
                    f.spent, f.pending, f.parkedOn, f.locks, f.parkedSince));
        }
        if (!flights.isEmpty()) {
            out.writeValue(Locks.image(owner.locks()));
        }
    }

    static void read(Owner owner, Decoder in) {
        int count = in.readSize();
        for (int i = 0; i < count; i++) {
            Image image = (Image) in.readValue();
            Flight flight = new Flight(image.number, image.requester, image.requesterFlight, image.requesterCall, image.wantsReply,
                    image.command);
            flight.log.addAll(image.log);
            flight.cost = image.cost;
            flight.spent = image.spent;
            flight.parkedSince = image.parkedSince;
            flight.pending = image.pending;
            flight.parkedOn = image.parkedOn;
            flight.locks = image.locks == null ? null : new ArrayList<>(image.locks);
            owner.addFlight(flight);
        }
        if (count > 0) {
            Locks.restore((List<?>) in.readValue(), owner);
        }
    }
}
