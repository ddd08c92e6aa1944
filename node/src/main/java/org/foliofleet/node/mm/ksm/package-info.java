/** ksmd: equal anonymous pages become one, mm/ksm.c (R12). It finds them; processes, VMAs and nodes merge them. */
package org.foliofleet.node.mm.ksm;
