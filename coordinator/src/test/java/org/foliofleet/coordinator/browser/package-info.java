/** Pages in a real browser: headless Chromium, spoken to by the DevTools protocol. */
package org.foliofleet.coordinator.browser;
