/** Every switch of {@link org.foliofleet.protocol.policy.Switch}: what it changes, and that it changes nothing else. */
package org.foliofleet.node.policy;
