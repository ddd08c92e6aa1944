/** What the model has mechanisms for, seen from outside: which of them a machine is in the middle of, and an experiment that uses them all. */
package org.foliofleet.node.mechanism;
