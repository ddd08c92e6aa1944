/** Tests of the journal on H2 and on a real PostgreSQL. */
package org.foliofleet.node.journal;
