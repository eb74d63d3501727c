package wavegate.server.registration;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.eclipse.californium.core.coap.CoAP.Code;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.leshan.core.request.BindingMode;
import wavegate.firmware.device.Endpoint;
import wavegate.server.registration.GuardedResource.Refusal;

/** Checks {@code ep}, {@code lt} and {@code b} of a Register or Registration Update before Leshan sees them. Any thread. */
final class RegisterCheck implements Function<Request, Optional<Refusal>> {
    private final long minLifetime;
    private final long maxLifetime;

    RegisterCheck(LwM2mSettings settings) {
        this.minLifetime = settings.minLifetime().toSeconds();
        this.maxLifetime = settings.maxLifetime().toSeconds();
    }

    @Override
    public Optional<Refusal> apply(Request request) {
        if (request.getCode() != Code.POST) {
            return Optional.empty();
        }
        boolean named = false;
        List<String> queries = request.getOptions().getUriQuery();
        for (String query : queries) {
            if (query.startsWith("ep=")) {
                named = true;
                if (!Endpoint.isValid(query.substring(3))) {
                    return Refusal.badRequest("ep: expected 1 to 64 of A-Z a-z 0-9 : . _ -");
                }
            } else if (query.startsWith("lt=") && !lifetimeIsValid(query.substring(3))) {
                return Refusal.badRequest("lt: expected " + minLifetime + ".." + maxLifetime + " seconds");
            } else if (query.startsWith("b=") && !bindingIsValid(query.substring(2))) {
                return Refusal.badRequest("b: expected letters of U T S N Q, each once");
            }
        }
        if (!named && request.getOptions().getUriPath().size() == 1) {
            return Refusal.badRequest("ep: expected an endpoint name");
        }
        return Optional.empty();
    }

    private boolean lifetimeIsValid(String text) {
        if (text.isEmpty() || text.length() > 10 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return false;
        }
        long seconds = Long.parseLong(text);
        return seconds >= minLifetime && seconds <= maxLifetime;
    }

    private static boolean bindingIsValid(String text) {
        if (text.isEmpty()) {
            return false;
        }
        try {
            return BindingMode.parse(text).size() == text.length();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
