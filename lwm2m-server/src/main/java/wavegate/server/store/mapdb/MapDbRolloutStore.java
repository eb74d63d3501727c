package wavegate.server.store.mapdb;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.campaign.KillReceipt;
import wavegate.firmware.campaign.KillSwitch;
import wavegate.firmware.device.Device;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.SavedFilter;
import wavegate.firmware.event.Fact;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.pkg.Sha256;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateId;
import wavegate.server.rollout.AuditEntry;
import wavegate.server.rollout.Ledger;
import wavegate.server.rollout.Page;
import wavegate.server.rollout.Recorded;
import wavegate.server.rollout.RolloutStore;

/**
 * The view in one MapDB file. The bytes of a fact in the ledger are the value here, so that applying one encodes nothing; {@link Keys} says
 * where it goes. Every read checks the checksum of what it answers from and throws {@link ViewCorrupt} rather than answer from anything else.
 */
public final class MapDbRolloutStore implements RolloutStore {
    private static final Logger log = LoggerFactory.getLogger(MapDbRolloutStore.class);

    private final Path path;
    private final MapFile file;
    private final String chain;
    private final Function<byte[], Fact> decoder;
    private final KeyFilter deviceKeys = new KeyFilter();
    private final Counted counted = new Counted();

    private volatile long sequence;
    private Sha256 factResumedFrom = Sha256.of(new byte[0]);
    private Optional<Recorded> last = Optional.empty();
    private boolean closed;

    MapDbRolloutStore(Path path, MapFile file, String chain, Function<byte[], Fact> decoder) {
        this.path = path;
        this.file = file;
        this.chain = chain;
        this.decoder = decoder;
    }

    /**
     * A view that is up to the ledger's last sequence.
     *
     * @param reason why it was rebuilt; empty if the file was used as it was
     * @param replayed facts read from the ledger to get there
     */
    public record Opened(MapDbRolloutStore store, String reason, long replayed, Duration took) {}

    /**
     * Opens the view of a ledger and brings it up to date. The file is used if it was closed cleanly over this very ledger and all its entries
     * pass their checks; otherwise it is deleted and rebuilt.
     *
     * @param chain id of the ledger
     * @param decoder of the ledger's payloads
     * @throws UncheckedIOException if the files can neither be read nor deleted
     */
    public static Opened open(
            Path path, Ledger ledger, String chain, Function<byte[], Fact> decoder, Progress progress) {
        return new ViewOpening(path, ledger, chain, decoder, progress).open();
    }

    /** Checks the whole file against the marker it was closed with. @throws ViewCorrupt if it is not as it was left */
    void resume(CleanMarker marker) {
        file.check(counted::saw);
        if (counted.entries != marker.entries()) {
            throw new ViewCorrupt(
                    "view " + path + " holds " + counted.entries + " entries (expected: " + marker.entries() + ")");
        }
        sequence = marker.sequence();
        factResumedFrom = marker.fact();
    }

    @Override
    public void apply(List<Recorded> batch) {
        for (Recorded each : batch) {
            if (each.sequence() > sequence) {
                applyOne(each);
            }
        }
    }

    void applyOne(Recorded recorded) {
        collect(recorded, counted);
    }

    SortedChunk chunk() {
        return new SortedChunk(counted);
    }

    /** Takes a fact of a rebuild; what it changes is in the file only after the last {@link SortedChunk#flush}. */
    void collectLatest(Recorded recorded, SortedChunk chunk) {
        ViewWriter.write(recorded, chunk);
        if (recorded.sequence() > sequence) {
            sequence = recorded.sequence();
            last = Optional.of(recorded);
        }
        if (chunk.isFull()) {
            chunk.flush();
        }
    }

    private void collect(Recorded recorded, ViewWriter.Target target) {
        if (recorded.sequence() != sequence + 1) {
            throw new IllegalArgumentException(
                    "view: fact " + recorded.sequence() + " (expected: " + (sequence + 1) + ")");
        }
        ViewWriter.write(recorded, target);
        sequence = recorded.sequence();
        last = Optional.of(recorded);
    }

    @Override
    public long sequence() {
        return sequence;
    }

    /** Reads and writes that came upon something that was not written, since it was opened. Any thread. */
    public long faults() {
        return file.faults();
    }

    @Override
    public Optional<Device> device(Endpoint endpoint) {
        byte[] key = Keys.device(endpoint);
        // Asked on CoAP threads for each Register of a stranger.
        return deviceKeys.mayHold(key) ? file.get(key).map(this::device) : Optional.empty();
    }

    @Override
    public Page<Device> devices(Predicate<Device> which, String cursor, int limit) {
        return page(Keys.devices(), this::device, which, cursor, limit);
    }

    @Override
    public long deviceCount() {
        return counted.devices.sum();
    }

    @Override
    public Optional<FirmwarePackage> firmwarePackage(PackageId id) {
        return file.get(Keys.firmwarePackage(id)).map(this::firmwarePackage);
    }

    @Override
    public List<FirmwarePackage> packages() {
        return newestFirst(
                all(Keys.packages(), this::firmwarePackage, Integer.MAX_VALUE),
                FirmwarePackage::uploadedAt,
                each -> each.id().value());
    }

    @Override
    public Optional<Campaign> campaign(CampaignId id) {
        return file.get(Keys.campaign(id)).map(this::campaign);
    }

    @Override
    public List<Campaign> campaigns() {
        return newestFirst(
                all(Keys.campaigns(), this::campaign, Integer.MAX_VALUE), Campaign::createdAt, each -> each.id()
                        .value());
    }

    @Override
    public Optional<Update> update(UpdateId id) {
        return file.get(Keys.update(id)).map(this::update);
    }

    @Override
    public Page<Update> updates(CampaignId campaign, Predicate<Update> which, String cursor, int limit) {
        return page(Keys.updates(campaign), this::update, which, cursor, limit);
    }

    @Override
    public List<Update> updatesOf(Endpoint endpoint, int limit) {
        byte[] prefix = Keys.updatesOf(endpoint);
        List<CampaignId> campaigns = new ArrayList<>();
        file.scan(prefix, prefix, (key, entry) -> campaigns.add(new CampaignId(Keys.after(prefix, key))));
        Function<CampaignId, Instant> createdAt =
                id -> campaign(id).map(Campaign::createdAt).orElse(Instant.MIN);
        return newestFirst(campaigns, createdAt, CampaignId::value).stream()
                .limit(limit)
                .flatMap(id -> update(new UpdateId(id, endpoint)).stream())
                .toList();
    }

    @Override
    public List<Fact.GateJudged> gateDecisions(CampaignId campaign, int limit) {
        return all(Keys.gates(campaign), entry -> fact(entry, Fact.GateJudged.class), limit);
    }

    /** Notes on an ended update, newest first, at most {@code limit}. */
    public List<Fact.UpdateAnnotated> annotations(UpdateId update, int limit) {
        return all(Keys.notes(update), entry -> fact(entry, Fact.UpdateAnnotated.class), limit);
    }

    @Override
    public Optional<SavedFilter> filter(String name) {
        return file.get(Keys.filter(name)).map(this::filter);
    }

    @Override
    public List<SavedFilter> filters() {
        return all(Keys.filters(), this::filter, Integer.MAX_VALUE);
    }

    private SavedFilter filter(Entry entry) {
        return fact(entry, Fact.FilterSaved.class).filter();
    }

    @Override
    public List<KillSwitch> killSwitches() {
        return newestFirst(
                all(
                        Keys.killSwitches(),
                        entry -> fact(entry, Fact.KillSwitchRaised.class).killSwitch(),
                        Integer.MAX_VALUE),
                KillSwitch::raisedAt,
                KillSwitch::id);
    }

    @Override
    public List<KillReceipt> killReceipts() {
        return newestFirst(
                all(
                        Keys.receipts(),
                        entry -> fact(entry, Fact.KillSwitchReported.class).receipt(),
                        Integer.MAX_VALUE),
                receipt -> receipt.killSwitch().raisedAt(),
                receipt -> receipt.killSwitch().id());
    }

    @Override
    public Page<AuditEntry> audited(Predicate<Fact.Audited> which, String cursor, int limit) {
        return page(
                Keys.audits(),
                entry -> new AuditEntry(entry.sequence(), fact(entry, Fact.Audited.class)),
                entry -> which.test(entry.audited()),
                cursor,
                limit);
    }

    private Device device(Entry entry) {
        return fact(entry, Fact.DeviceChanged.class).device();
    }

    private Update update(Entry entry) {
        return fact(entry, Fact.UpdateChanged.class).update();
    }

    private Campaign campaign(Entry entry) {
        return fact(entry, Fact.CampaignChanged.class).campaign();
    }

    private FirmwarePackage firmwarePackage(Entry entry) {
        return fact(entry, Fact.PackageChanged.class).firmwarePackage();
    }

    private <F extends Fact> F fact(Entry entry, Class<F> type) {
        return file.guarded(() -> type.cast(decoder.apply(entry.payload())));
    }

    private <T> Page<T> page(byte[] prefix, Function<Entry, T> read, Predicate<T> which, String cursor, int limit) {
        List<T> items = new ArrayList<>();
        String[] lastKey = {""};
        boolean[] more = {false};
        file.scan(prefix, Keys.under(prefix, cursor), (key, entry) -> {
            T item = read.apply(entry);
            if (which.test(item)) {
                if (items.size() == limit) {
                    more[0] = true;
                    return false;
                }
                items.add(item);
                lastKey[0] = Keys.after(prefix, key);
            }
            return true;
        });
        return new Page<>(items, more[0] ? lastKey[0] : "");
    }

    private <T> List<T> all(byte[] prefix, Function<Entry, T> read, int limit) {
        List<T> items = new ArrayList<>();
        file.scan(prefix, prefix, (key, entry) -> {
            items.add(read.apply(entry));
            return items.size() < limit;
        });
        return items;
    }

    private static <T> List<T> newestFirst(List<T> items, Function<T, Instant> at, Function<T, String> id) {
        return items.stream()
                .sorted(Comparator.comparing(at).thenComparing(id).reversed())
                .toList();
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            boolean clean = !file.isCorrupt();
            file.close();
            if (clean) {
                Sha256 fact =
                        last.map(recorded -> Sha256.of(recorded.payload())).orElse(factResumedFrom);
                new CleanMarker(chain, sequence, fact, counted.entries).write(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("view " + path + " did not close; it is rebuilt at the next start", e);
        }
    }

    /** Closes a file that is not to be used. */
    void abandon() {
        closed = true;
        try {
            file.close();
        } catch (IOException | ViewCorrupt e) {
            log.debug("view file={} did not close", path, e);
        }
    }

    /** The file, with its entries counted. */
    private final class Counted implements ViewWriter.Target {
        private long entries;
        private final LongAdder devices = new LongAdder();

        void saw(byte[] key) {
            entries++;
            if (key[0] == Keys.DEVICE) {
                devices.increment();
                deviceKeys.add(key);
            }
        }

        @Override
        public boolean put(byte[] key, long at, byte[] payload) {
            boolean added = file.put(key, at, payload);
            if (added) {
                saw(key);
            }
            return added;
        }

        @Override
        public void remove(byte[] key) {
            if (file.remove(key)) {
                entries--;
                if (key[0] == Keys.DEVICE) {
                    devices.decrement();
                }
            }
        }
    }
}
