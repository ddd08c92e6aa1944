/** Machines hosted by actors do what machines on one thread do. */
package org.foliofleet.node.actor;
