/** What all modules say to each other: identifiers, programs, and how bad input is reported. */
package org.foliofleet.protocol;
