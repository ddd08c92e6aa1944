/** Memory cgroups that have a limit. */
package org.foliofleet.node.mm.memcg;
