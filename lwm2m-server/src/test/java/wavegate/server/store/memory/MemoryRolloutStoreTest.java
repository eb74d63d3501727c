package wavegate.server.store.memory;

import java.nio.file.Path;
import wavegate.server.contract.RolloutStoreContract;
import wavegate.server.rollout.RolloutStore;

class MemoryRolloutStoreTest extends RolloutStoreContract {
    @Override
    protected RolloutStore store(Path where) {
        return new MemoryRolloutStore();
    }
}
