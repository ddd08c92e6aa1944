package org.foliofleet.coordinator.embedded;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.foliofleet.protocol.BadInput;
import org.junit.jupiter.api.Test;

/** Goal: a pod has its password from a file. */
class DeploymentTest {
    @Test
    void aPodWithAPlainPasswordIsRefusedAndDoesNotTellIt() {
        Map<String, String> plain = Map.of("FOLIOFLEET_DATABASE_PASSWORD", "not-to-be-seen");
        Deployment pod = new Deployment(new Deployment.Pods(Deployment.Pods.USUAL, 1), new Deployment.Address("127.0.0.1", 0), null);
        BadInput refused = assertThrows(BadInput.class, () -> pod.requireSecrets(plain));
        assertTrue(refused.getMessage().contains("FOLIOFLEET_DATABASE_PASSWORD_FILE"), refused.getMessage());
        assertFalse(refused.getMessage().contains("not-to-be-seen"), refused.getMessage());
        assertDoesNotThrow(() -> pod.requireSecrets(Map.of("FOLIOFLEET_DATABASE_PASSWORD_FILE", "/run/secrets/password")));
        assertDoesNotThrow(() -> Deployment.PLAIN.requireSecrets(plain), "on a machine of one's own");
    }
}
