package wavegate.server.terminal;

import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import wavegate.firmware.device.Endpoint;

/** Questions that wait for their answers, at most one of each terminal. Any thread. */
final class Exchanges {
    private final ConcurrentHashMap<Endpoint, Exchange> open = new ConcurrentHashMap<>();

    /** @return the one that the terminal has given up for this one */
    Optional<Exchange> begin(Exchange exchange) {
        return Optional.ofNullable(open.put(exchange.checkIn.endpoint(), exchange));
    }

    Optional<Exchange> at(Endpoint endpoint) {
        return Optional.ofNullable(open.get(endpoint)).filter(exchange -> !exchange.isOver());
    }

    /** @return whether it was open: then the caller answers it */
    boolean end(Exchange exchange) {
        open.remove(exchange.checkIn.endpoint(), exchange);
        return exchange.end();
    }

    int count() {
        return open.size();
    }

    void forEach(Consumer<Exchange> visitor) {
        open.values().forEach(visitor);
    }
}
