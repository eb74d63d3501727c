package wavegate.server.registration;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.eclipse.californium.core.coap.CoAP.Code;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.leshan.core.request.BindingMode;
import wavegate.config.LimitSettings;
import wavegate.firmware.device.Endpoint;
import wavegate.server.registration.GuardedResource.Refusal;
import wavegate.server.registration.limit.Newcomers;

/**
 * Checks what a Register or Registration Update says of itself before Leshan sees it, and whether there is room for one more registration. Any
 * thread.
 */
final class RegisterCheck implements Function<Request, Optional<Refusal>> {
    private static final int MOST_QUERIES = 32;
    private static final int LONGEST_NUMBER = 20;
    private static final List<String> ONCE = List.of("ep=", "lt=", "b=", "lwm2m=", "sms=");

    private final long minLifetime;
    private final long maxLifetime;
    private final int maxRegistrations;
    private final int maxFromSource;
    private final ExpiringRegistrationStore registrations;
    private final Newcomers newcomers;
    private final Predicate<Endpoint> seenBefore;

    /** @param seenBefore whether a device of that name is known, registered or not; must be quick */
    RegisterCheck(
            LimitSettings limits,
            ExpiringRegistrationStore registrations,
            Newcomers newcomers,
            Predicate<Endpoint> seenBefore) {
        this.seenBefore = seenBefore;
        this.newcomers = newcomers;
        this.minLifetime = limits.minLifetime().toSeconds();
        this.maxLifetime = limits.maxLifetime().toSeconds();
        this.maxRegistrations = limits.registrations();
        this.maxFromSource = limits.sourceRegistrations();
        this.registrations = registrations;
    }

    @Override
    public Optional<Refusal> apply(Request request) {
        if (request.getCode() != Code.POST) {
            return Optional.empty();
        }
        List<String> queries = request.getOptions().getUriQuery();
        if (queries.size() > MOST_QUERIES) {
            return Refusal.badRequest("queries: expected at most " + MOST_QUERIES);
        }
        for (String name : ONCE) {
            int times = 0;
            for (int i = 0; i < queries.size(); i++) {
                times += queries.get(i).startsWith(name) ? 1 : 0;
            }
            if (times > 1) {
                return Refusal.badRequest(name + " expected once");
            }
        }
        String endpoint = "";
        for (String query : queries) {
            if (query.startsWith("ep=")) {
                endpoint = query.substring(3);
                if (!Endpoint.isValid(endpoint)) {
                    return Refusal.badRequest("ep: expected 1 to 64 of A-Z a-z 0-9 : . _ -");
                }
            } else if (query.startsWith("lt=") && !lifetimeIsValid(query.substring(3))) {
                return Refusal.badRequest("lt: expected " + minLifetime + ".." + maxLifetime + " seconds");
            } else if (query.startsWith("b=") && !bindingIsValid(query.substring(2))) {
                return Refusal.badRequest("b: expected letters of U T S N Q, each once");
            } else if (query.startsWith("sms=") && !numberIsValid(query.substring(4))) {
                return Refusal.badRequest("sms: expected digits");
            }
        }
        if (request.getOptions().getUriPath().size() != 1) {
            return Optional.empty();
        }
        return endpoint.isEmpty() ? Refusal.badRequest("ep: expected an endpoint name") : room(request, endpoint);
    }

    /** A device that is registered already takes no more room; one that was here before is not shut out by those that make up names. */
    private Optional<Refusal> room(Request request, String endpoint) {
        boolean full = registrations.count() >= maxRegistrations;
        boolean vouchedFor = request.getSourceContext().getPeerIdentity() != null;
        if ((!full && vouchedFor) || registrations.getRegistrationByEndpoint(endpoint) != null) {
            return Optional.empty();
        }
        if (full) {
            return Optional.of(new Refusal(ResponseCode.SERVICE_UNAVAILABLE, "no room for more registrations"));
        }
        if (seenBefore.test(new Endpoint(endpoint))) {
            return Optional.empty();
        }
        InetAddress address = request.getSourceContext().getPeerAddress().getAddress();
        return registrations.withoutDtlsFrom(address) >= maxFromSource || !newcomers.mayCome(address)
                ? Optional.of(new Refusal(ResponseCode.TOO_MANY_REQUESTS, "no room for more registrations now"))
                : Optional.empty();
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

    private static boolean numberIsValid(String text) {
        return text.length() <= LONGEST_NUMBER && text.chars().allMatch(c -> (c >= '0' && c <= '9') || c == '+');
    }
}
