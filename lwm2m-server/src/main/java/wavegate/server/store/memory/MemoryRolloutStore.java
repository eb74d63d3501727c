package wavegate.server.store.memory;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;
import java.util.function.Predicate;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.campaign.KillReceipt;
import wavegate.firmware.campaign.KillSwitch;
import wavegate.firmware.device.Device;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.SavedFilter;
import wavegate.firmware.event.Fact;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateId;
import wavegate.server.rollout.AuditEntry;
import wavegate.server.rollout.Page;
import wavegate.server.rollout.Recorded;
import wavegate.server.rollout.RolloutStore;

/** The view in sorted maps. Begins empty; the caller replays the ledger into it. */
public final class MemoryRolloutStore implements RolloutStore {
    private final ConcurrentNavigableMap<String, Device> devices = new ConcurrentSkipListMap<>();
    private final Map<PackageId, FirmwarePackage> packages = new ConcurrentHashMap<>();
    private final Map<CampaignId, Campaign> campaigns = new ConcurrentHashMap<>();
    private final Map<CampaignId, ConcurrentNavigableMap<String, Update>> updates = new ConcurrentHashMap<>();
    private final Map<String, ConcurrentNavigableMap<CampaignId, Update>> updatesByDevice = new ConcurrentHashMap<>();
    private final Map<CampaignId, ConcurrentNavigableMap<Long, Fact.GateJudged>> gates = new ConcurrentHashMap<>();
    private final Map<UpdateId, ConcurrentNavigableMap<Long, Fact.UpdateAnnotated>> notes = new ConcurrentHashMap<>();
    private final ConcurrentNavigableMap<String, SavedFilter> filters = new ConcurrentSkipListMap<>();
    private final Map<String, KillSwitch> killSwitches = new ConcurrentHashMap<>();
    private final Map<String, KillReceipt> receipts = new ConcurrentHashMap<>();
    private final ConcurrentNavigableMap<String, AuditEntry> audited = new ConcurrentSkipListMap<>();
    private volatile long sequence;

    @Override
    public void apply(List<Recorded> batch) {
        for (Recorded each : batch) {
            if (each.sequence() <= sequence) {
                continue;
            }
            if (each.sequence() != sequence + 1) {
                throw new IllegalArgumentException(
                        "view: fact " + each.sequence() + " (expected: " + (sequence + 1) + ")");
            }
            apply(each.sequence(), each.fact());
            sequence = each.sequence();
        }
    }

    private void apply(long at, Fact fact) {
        if (fact instanceof Fact.DeviceChanged changed) {
            devices.put(changed.device().endpoint().name(), changed.device());
        } else if (fact instanceof Fact.DeviceRemoved removed) {
            devices.remove(removed.endpoint().name());
        } else if (fact instanceof Fact.FilterSaved saved) {
            filters.put(saved.filter().name(), saved.filter());
        } else if (fact instanceof Fact.FilterRemoved removed) {
            filters.remove(removed.name());
        } else if (fact instanceof Fact.UpdateChanged changed) {
            Update update = changed.update();
            row(updates, update.campaign()).put(update.endpoint().name(), update);
            row(updatesByDevice, update.endpoint().name()).put(update.campaign(), update);
        } else if (fact instanceof Fact.CampaignChanged changed) {
            campaigns.put(changed.campaign().id(), changed.campaign());
        } else if (fact instanceof Fact.PackageChanged changed) {
            packages.put(changed.firmwarePackage().id(), changed.firmwarePackage());
        } else if (fact instanceof Fact.GateJudged judged) {
            row(gates, judged.campaign()).put(at, judged);
        } else if (fact instanceof Fact.UpdateAnnotated annotated) {
            row(notes, annotated.update()).put(at, annotated);
        } else if (fact instanceof Fact.KillSwitchRaised raised) {
            killSwitches.put(raised.killSwitch().id(), raised.killSwitch());
        } else if (fact instanceof Fact.KillSwitchReported reported) {
            receipts.put(reported.receipt().killSwitch().id(), reported.receipt());
        } else if (fact instanceof Fact.KillSwitchLifted lifted) {
            killSwitches.remove(lifted.killSwitchId());
        } else if (fact instanceof Fact.Audited call) {
            audited.put(String.format("%019d", Long.MAX_VALUE - at), new AuditEntry(at, call));
        }
    }

    private static <K, R extends Comparable<R>, V> ConcurrentNavigableMap<R, V> row(
            Map<K, ConcurrentNavigableMap<R, V>> table, K key) {
        return table.computeIfAbsent(key, any -> new ConcurrentSkipListMap<>());
    }

    @Override
    public long sequence() {
        return sequence;
    }

    @Override
    public Optional<Device> device(Endpoint endpoint) {
        return Optional.ofNullable(devices.get(endpoint.name()));
    }

    @Override
    public Page<Device> devices(Predicate<Device> which, String cursor, int limit) {
        return page(devices, which, cursor, limit);
    }

    @Override
    public long deviceCount() {
        return devices.size();
    }

    @Override
    public Optional<FirmwarePackage> firmwarePackage(PackageId id) {
        return Optional.ofNullable(packages.get(id));
    }

    @Override
    public List<FirmwarePackage> packages() {
        return newestFirst(packages.values(), FirmwarePackage::uploadedAt, each -> each.id()
                .value());
    }

    @Override
    public Optional<Campaign> campaign(CampaignId id) {
        return Optional.ofNullable(campaigns.get(id));
    }

    @Override
    public List<Campaign> campaigns() {
        return newestFirst(
                campaigns.values(), Campaign::createdAt, each -> each.id().value());
    }

    @Override
    public Optional<Update> update(UpdateId id) {
        return Optional.ofNullable(updates.get(id.campaign()))
                .map(rows -> rows.get(id.endpoint().name()));
    }

    @Override
    public Page<Update> updates(CampaignId campaign, Predicate<Update> which, String cursor, int limit) {
        NavigableMap<String, Update> rows = updates.getOrDefault(campaign, new ConcurrentSkipListMap<>());
        return page(rows, which, cursor, limit);
    }

    @Override
    public List<Update> updatesOf(Endpoint endpoint, int limit) {
        Map<CampaignId, Update> rows = updatesByDevice.getOrDefault(endpoint.name(), new ConcurrentSkipListMap<>());
        return newestFirst(
                        rows.values(),
                        update -> campaign(update.campaign())
                                .map(Campaign::createdAt)
                                .orElse(Instant.MIN),
                        update -> update.campaign().value())
                .stream()
                .limit(limit)
                .toList();
    }

    @Override
    public List<Fact.GateJudged> gateDecisions(CampaignId campaign, int limit) {
        return latest(gates.getOrDefault(campaign, new ConcurrentSkipListMap<>()), limit);
    }

    /** Notes on an ended update, newest first, at most {@code limit}. */
    public List<Fact.UpdateAnnotated> annotations(UpdateId update, int limit) {
        return latest(notes.getOrDefault(update, new ConcurrentSkipListMap<>()), limit);
    }

    @Override
    public Optional<SavedFilter> filter(String name) {
        return Optional.ofNullable(filters.get(name));
    }

    @Override
    public List<SavedFilter> filters() {
        return List.copyOf(filters.values());
    }

    @Override
    public List<KillSwitch> killSwitches() {
        return newestFirst(killSwitches.values(), KillSwitch::raisedAt, KillSwitch::id);
    }

    @Override
    public List<KillReceipt> killReceipts() {
        return newestFirst(
                receipts.values(), receipt -> receipt.killSwitch().raisedAt(), receipt -> receipt.killSwitch()
                        .id());
    }

    @Override
    public Page<AuditEntry> audited(Predicate<Fact.Audited> which, String cursor, int limit) {
        return page(audited, entry -> which.test(entry.audited()), cursor, limit);
    }

    @Override
    public void close() {}

    private static <T> Page<T> page(NavigableMap<String, T> rows, Predicate<T> which, String cursor, int limit) {
        List<T> items = new ArrayList<>();
        String last = "";
        for (Map.Entry<String, T> row : rows.tailMap(cursor, false).entrySet()) {
            if (which.test(row.getValue())) {
                if (items.size() == limit) {
                    return new Page<>(items, last);
                }
                items.add(row.getValue());
                last = row.getKey();
            }
        }
        return new Page<>(items, "");
    }

    private static <T> List<T> latest(NavigableMap<Long, T> rows, int limit) {
        return rows.descendingMap().values().stream().limit(limit).toList();
    }

    private static <T> List<T> newestFirst(Collection<T> items, Function<T, Instant> at, Function<T, String> id) {
        return items.stream()
                .sorted(Comparator.comparing(at).thenComparing(id).reversed())
                .toList();
    }
}
