/** Licences of what is shipped. */
package org.foliofleet.coordinator.licences;
