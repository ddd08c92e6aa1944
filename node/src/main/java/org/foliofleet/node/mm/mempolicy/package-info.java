/** NUMA memory policies, mm/mempolicy.c: what a policy is made of, and which nodes it lets an allocation try. */
package org.foliofleet.node.mm.mempolicy;
