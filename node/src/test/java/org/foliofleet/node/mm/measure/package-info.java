/** Tests of measuring. */
package org.foliofleet.node.mm.measure;
