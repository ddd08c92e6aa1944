/** What the root of an anon_vma family owns: its members, so that a folio's mappers can be found. */
package org.foliofleet.node.mm.anon;
