/** Experiments that are resources of a Kubernetes namespace: the leading coordinator submits, pauses, resumes and cancels them, and writes how far they are. */
package org.foliofleet.coordinator.kubernetes;
