package wavegate.server.bench;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.campaign.CampaignSpec;
import wavegate.firmware.campaign.Membership;
import wavegate.firmware.campaign.MembershipFile;
import wavegate.firmware.campaign.Wave;
import wavegate.firmware.campaign.WavePhase;
import wavegate.firmware.campaign.WavePlan;
import wavegate.firmware.device.Device;
import wavegate.firmware.device.DeviceFilter;
import wavegate.firmware.device.DeviceIdentity;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.Labels;
import wavegate.firmware.event.Fact;
import wavegate.firmware.gate.GatePolicy;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.Manifest;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.pkg.Sha256;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateId;
import wavegate.firmware.update.UpdatePolicy;
import wavegate.server.artifact.FileArtifactStore;
import wavegate.server.ledger.FileLedger;

/**
 * The data of a server that has known a large fleet for a while: every device registered once and said what it is, and the first of them went
 * through a campaign. Written through the ledger itself. The devices are told apart by their number.
 */
final class SizedFleet {
    static final PackageId PACKAGE = new PackageId("0123456789abcdef");
    static final FirmwareVersion TARGET = FirmwareVersion.of("2.0.0");
    static final DeviceIdentity IDENTITY = new DeviceIdentity("Acme", "M-1", "rev-b");

    private static final PackageId EARLIER_PACKAGE = new PackageId("00000000000000aa");
    private static final CampaignId EARLIER = new CampaignId("earlier");
    private static final FirmwareVersion BEFORE = FirmwareVersion.of("1.0.0");
    private static final String NAME = "urn:imei:86";
    private static final int BATCH = 4096;
    private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");
    private static final String[] REGIONS = {"north", "south", "east", "west"};

    private final Path data;
    private final int devices;
    private final long records;
    private final List<Fact> batch = new ArrayList<>();
    private long written;

    /** @param records facts to write, at least two for each device */
    SizedFleet(Path data, int devices, long records) {
        this.data = data;
        this.devices = devices;
        this.records = records;
    }

    static Endpoint endpoint(int number) {
        return new Endpoint(String.format(Locale.ROOT, NAME + "%013d", number));
    }

    static int number(Endpoint endpoint) {
        return Integer.parseInt(endpoint.name().substring(NAME.length()));
    }

    static Labels labels(int number) {
        return new Labels(
                REGIONS[number % REGIONS.length],
                number / REGIONS.length % 2 == 0 ? "aurora" : "borealis",
                new TreeSet<>());
    }

    /** As the ledger has it before the campaign. */
    static Device device(int number) {
        return Device.firstSeen(endpoint(number), labels(number), START).running(IDENTITY, BEFORE);
    }

    static FirmwarePackage firmwarePackage(PackageId id, FirmwareVersion version, byte[] image, int sequence) {
        Manifest manifest =
                new Manifest("app", version, "Acme", "M-1", "rev-b", image.length, Sha256.of(image), sequence);
        return new FirmwarePackage(id, manifest, "key", START, false);
    }

    /** @return facts written */
    long write() throws IOException {
        byte[] image = {1, 2, 3, 4};
        byte[] older = {1, 2, 3};
        int updated = (int) Math.min(devices, (records - 2L * devices) / UpdateCourse.WHOLE_ROAD);
        Sha256 membership;
        try (FileArtifactStore artifacts = new FileArtifactStore(data.resolve("artifacts"))) {
            artifacts.put(new ByteArrayInputStream(image), image.length);
            artifacts.put(new ByteArrayInputStream(older), older.length);
            byte[] members = MembershipFile.encode(new Membership(List.of(new Membership.WaveMembers(
                    IntStream.range(0, updated).mapToObj(SizedFleet::endpoint).toList(), List.of()))));
            membership = artifacts.put(new ByteArrayInputStream(members), members.length);
        }
        try (FileLedger ledger = FileLedger.open(data.resolve("ledger"), new Random(1))) {
            for (int i = 0; i < devices; i++) {
                record(ledger, new Fact.DeviceChanged(START, Device.firstSeen(endpoint(i), labels(i), START)));
                record(ledger, new Fact.DeviceChanged(START, device(i)));
            }
            record(ledger, new Fact.PackageChanged(START, firmwarePackage(EARLIER_PACKAGE, BEFORE, older, 1), "me"));
            record(ledger, new Fact.PackageChanged(START, firmwarePackage(PACKAGE, TARGET, image, 2), "me"));
            if (updated > 0) {
                record(ledger, campaign(membership, updated, CampaignPhase.RUNNING));
                for (int i = 0; i < updated; i++) {
                    course(ledger, i);
                }
                record(ledger, campaign(membership, updated, CampaignPhase.COMPLETED));
            }
            ledger.commit(List.copyOf(batch));
        }
        return written;
    }

    private static Fact campaign(Sha256 membership, int size, CampaignPhase phase) {
        CampaignSpec spec = new CampaignSpec(
                "earlier",
                EARLIER_PACKAGE,
                DeviceFilter.ALL,
                WavePlan.DEFAULT,
                GatePolicy.DEFAULT,
                UpdatePolicy.DEFAULT,
                0.001,
                500,
                1);
        Wave wave = new Wave(0, WavePhase.PASSED, size, 0, START, START, START, 4, "");
        return new Fact.CampaignChanged(
                START,
                new Campaign(
                        EARLIER, spec, phase, "", Optional.of(membership), List.of(wave), START, START, Instant.MAX),
                "K3",
                "server");
    }

    private void course(FileLedger ledger, int i) {
        Update u = Update.reserved(
                new UpdateId(EARLIER, endpoint(i)),
                0,
                EARLIER_PACKAGE,
                labels(i).region(),
                String.format(Locale.ROOT, "%016x", i),
                BEFORE,
                START);
        UpdateCourse.facts(u, FirmwareVersion.of("0.9.0"), START.plusSeconds(i / 100), UpdateCourse.WHOLE_ROAD)
                .forEach(fact -> record(ledger, fact));
    }

    private void record(FileLedger ledger, Fact fact) {
        written++;
        batch.add(fact);
        if (batch.size() == BATCH) {
            ledger.commit(List.copyOf(batch));
            batch.clear();
        }
    }
}
