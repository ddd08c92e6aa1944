/**
 * What can be measured of a machine: each owner tells its part, VMAs fold into their process, processes and all others into
 * the machine. Parts may be measured apart, in any order and on several JVMs, and be put together afterwards.
 */
package org.foliofleet.node.mm.measure;
