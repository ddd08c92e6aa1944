/** Names and quantities that every message, event and state speaks of. */
package org.foliofleet.protocol.id;
