/** Memory that is short: watermarks, kswapd, direct reclaim, the OOM killer. */
package org.foliofleet.node.mm.pressure;
