/** What hosting by actors costs. */
package org.foliofleet.node.actor;
