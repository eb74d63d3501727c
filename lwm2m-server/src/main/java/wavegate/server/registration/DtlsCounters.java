package wavegate.server.registration;

import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.californium.scandium.DtlsHealth;
import org.eclipse.californium.scandium.DtlsHealthExtended;

/** Counts what the DTLS connector does. Called on its threads; read by any. */
final class DtlsCounters implements DtlsHealth, DtlsHealthExtended {
    private final AtomicLong handshakes = new AtomicLong();
    private final AtomicLong failedHandshakes = new AtomicLong();
    private volatile int connections;

    @Override
    public void dump(String tag, int maxConnections, int remainingCapacity, int pendingWithoutVerify) {}

    @Override
    public boolean isEnabled() {
        return true;
    }

    @Override
    public void startHandshake() {}

    @Override
    public void endHandshake(boolean success) {
        (success ? handshakes : failedHandshakes).incrementAndGet();
    }

    @Override
    public void receivingRecord(boolean drop) {}

    @Override
    public void sendingRecord(boolean drop) {}

    @Override
    public void setConnections(int count) {
        connections = count;
    }

    long handshakes() {
        return handshakes.get();
    }

    long failedHandshakes() {
        return failedHandshakes.get();
    }

    int connections() {
        return connections;
    }
}
