package org.foliofleet.node.actor;

import akka.actor.typed.Behavior;
import org.foliofleet.node.mm.flow.Owner;

/** Makes the actors that hold one owner. */
@FunctionalInterface
interface OwnerActors {
    Behavior<OwnerTask> create(Owner owner);
}
