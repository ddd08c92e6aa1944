/** The vocabulary of programs: what processes and operators can do to a machine's memory, and how it can end. */
package org.foliofleet.protocol.program;
