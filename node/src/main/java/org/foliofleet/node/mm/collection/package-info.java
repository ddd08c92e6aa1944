/**
 * Ordered collections of page numbers that store runs instead of pages. Plain data structures of one thread: their
 * content is a function of what was put in, never of hashing, and none of them keeps a time or a random number.
 */
package org.foliofleet.node.mm.collection;
