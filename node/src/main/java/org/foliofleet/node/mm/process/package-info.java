/** What a process owns: the tree of its VMAs, pins and references; and the system calls that change it. */
package org.foliofleet.node.mm.process;
