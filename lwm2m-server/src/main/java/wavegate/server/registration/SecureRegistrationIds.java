package wavegate.server.registration;

import java.security.SecureRandom;
import java.util.Base64;
import org.eclipse.leshan.core.request.RegisterRequest;
import org.eclipse.leshan.server.registration.RegistrationIdProvider;

/** Registration ids nobody can guess: 96 random bits, 16 URL-safe characters. Without DTLS the id is all that protects a registration. */
final class SecureRegistrationIds implements RegistrationIdProvider {
    private final SecureRandom random = new SecureRandom();

    @Override
    public String getRegistrationId(RegisterRequest request) {
        byte[] bytes = new byte[12];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
