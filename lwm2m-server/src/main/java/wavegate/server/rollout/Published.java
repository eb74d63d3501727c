package wavegate.server.rollout;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.Payload;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.Intent;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateId;
import wavegate.firmware.update.UpdatePhase;

/** What other threads may know of the loop's state, as of the last committed turn. Written by the rollout thread, read by any. */
final class Published implements PullGrants, OpenUpdates {
    private final Map<CampaignId, CampaignStatus> statuses = new ConcurrentHashMap<>();
    private final Map<String, Grant> grants = new ConcurrentHashMap<>();
    private final Map<String, UpdateId> tokens = new ConcurrentHashMap<>();
    private final Set<Endpoint> updating = ConcurrentHashMap.newKeySet();
    private volatile List<Set<Endpoint>> watched = List.of();

    @Override
    public Optional<Grant> grant(String token) {
        return Optional.ofNullable(grants.get(token));
    }

    @Override
    public Optional<UpdateId> named(String token) {
        return Optional.ofNullable(tokens.get(token));
    }

    Optional<CampaignStatus> status(CampaignId id) {
        return Optional.ofNullable(statuses.get(id));
    }

    boolean concerns(Endpoint endpoint) {
        return updating.contains(endpoint);
    }

    boolean watches(Endpoint endpoint) {
        for (Set<Endpoint> some : watched) {
            if (some.contains(endpoint)) {
                return true;
            }
        }
        return false;
    }

    void status(CampaignStatus status) {
        statuses.put(status.campaign().id(), status);
    }

    void update(Update update, FirmwarePackage firmwarePackage) {
        if (update.isFinal()) {
            updating.remove(update.endpoint());
            tokens.remove(update.token());
        } else {
            updating.add(update.endpoint());
            tokens.putIfAbsent(update.token(), update.id());
        }
        boolean mayFetch = update.phase() == UpdatePhase.DOWNLOADING && update.intent() == Intent.PULL;
        if (mayFetch && !firmwarePackage.revoked()) {
            grants.computeIfAbsent(update.token(), token -> {
                Payload payload =
                        update.payload().orElse(firmwarePackage.manifest().payload());
                return new Grant(update.id(), update.scope(), payload.sha256(), payload.sizeBytes());
            });
        } else {
            grants.remove(update.token());
        }
    }

    /** @param sets that any thread may look into */
    void watchOnly(List<Set<Endpoint>> sets) {
        watched = List.copyOf(sets);
    }
}
