/** The swap device: which slots are in use, by how many entries, which have a folio in the swap cache, and what they hold. */
package org.foliofleet.node.mm.swap;
