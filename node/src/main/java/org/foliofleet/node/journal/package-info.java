/**
 * What machines leave in the database, so that they can go on after anything. A machine's changes of one epoch are one
 * atomic write: rows of changed owners in chunks, then the record that makes them valid. What has no such record at its end
 * did not happen.
 */
package org.foliofleet.node.journal;
