package org.foliofleet.node.journal;

import java.sql.SQLException;
import org.foliofleet.protocol.BadInput;

/** Why a database cannot be used, for a person, and what to do about it. */
final class DatabaseTrouble {
    private static final int H2_IN_USE = 90_020;

    private DatabaseTrouble() {}

    static BadInput of(DatabaseAddress address, SQLException e) {
        String state = String.valueOf(e.getSQLState());
        String place = "database " + address + ": ";
        String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("").split("; SQL statement")[0];
        if (address.isFile()) {
            return new BadInput(e.getErrorCode() == H2_IN_USE
                    ? place + "is in use by " + FileOwner.of(address.file()) + "; end that, or name another file"
                    : place + "cannot be opened (" + reason + "); name another file");
        }
        if (state.startsWith("28")) {
            return new BadInput(place + "refuses the user (" + reason + "); set " + DatabaseAddress.USER + " and " + DatabaseAddress.PASSWORD
                    + " or " + DatabaseAddress.PASSWORD_FILE);
        }
        if (state.equals("3D000")) {
            return new BadInput(place + "does not exist; create it (CREATE DATABASE), or name another");
        }
        if (state.equals("42501")) {
            return new BadInput(place + "does not let the user make tables (" + reason + "); grant CREATE on its schema");
        }
        return new BadInput(place + "cannot be reached (" + reason + "); start it, or name another in " + DatabaseAddress.URL);
    }
}
