/**
 * The conversation between owners: commands, replies, and what they carry. Messages name owners by id, never by reference,
 * so that they can be journaled, sorted and replayed.
 */
package org.foliofleet.protocol.message;
