/** What a VMA owns: the page-table entries of its range; and what happens to them: faults, copies, zaps, walks. */
package org.foliofleet.node.mm.vma;
