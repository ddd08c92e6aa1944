/** A crash is a step back: real JVMs, databases and networks that fail, and machines that end as if nothing had happened. */
package org.foliofleet.node.cluster;
