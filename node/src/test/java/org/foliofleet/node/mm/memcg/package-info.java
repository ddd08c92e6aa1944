/** Memory cgroups: what folios are charged to, and what follows from that. */
package org.foliofleet.node.mm.memcg;
