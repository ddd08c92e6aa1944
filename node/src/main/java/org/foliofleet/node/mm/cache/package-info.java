/** What an address space owns: the page cache of a file, a memfd or shared anonymous memory, and who maps it. */
package org.foliofleet.node.mm.cache;
