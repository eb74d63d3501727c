package wavegate.server.store.memory;

import wavegate.server.contract.TelemetryStoreContract;
import wavegate.server.rollout.TelemetryStore;

class MemoryTelemetryStoreTest extends TelemetryStoreContract {
    @Override
    protected TelemetryStore store() {
        return new MemoryTelemetryStore(64);
    }
}
