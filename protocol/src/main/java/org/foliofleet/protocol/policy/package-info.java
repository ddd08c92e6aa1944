/**
 * The named switches by which a machine departs from the kernel. Every switch has the kernel's behaviour as its default;
 * which ones the model honours yet is written beside them.
 */
package org.foliofleet.protocol.policy;
