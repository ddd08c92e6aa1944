/** Tests of what deploys to Kubernetes: manifests, members that find each other among pods, Experiments as resources. */
package org.foliofleet.coordinator.kubernetes;
