/**
 * How an owner takes its turn: commands in, events and messages out, and operations that wait for other owners.
 *
 * <p>A handler is straight-line code. What it reads or changes of its owner it does inside {@link
 * org.foliofleet.node.mm.flow.Turn#step a step}; what it wants of others it {@link org.foliofleet.node.mm.flow.Turn#ask
 * asks}. When an answer is not there yet, the handler is left, and run again from its start when it has come; steps and
 * answers of the earlier run are then taken from the {@link org.foliofleet.node.mm.flow.Flight flight's} log. So an
 * unfinished operation is nothing but a command and a list of values: it can be journaled, digested and moved. Between
 * steps a handler must depend on nothing but its command and the values of its steps and answers.
 */
package org.foliofleet.node.mm.flow;
