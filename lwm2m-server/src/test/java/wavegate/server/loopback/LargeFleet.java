package wavegate.server.loopback;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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
import wavegate.firmware.device.Device;
import wavegate.firmware.device.DeviceIdentity;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.Labels;
import wavegate.firmware.event.Fact;
import wavegate.firmware.gate.Arm;
import wavegate.firmware.gate.MemberEvidence;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.Manifest;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.pkg.Sha256;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateId;
import wavegate.firmware.update.UpdatePolicy.DeliveryChoice;
import wavegate.server.artifact.FileArtifactStore;
import wavegate.server.bench.UpdateCourse;
import wavegate.server.ledger.FileLedger;

/** A ledger of a large fleet and one campaign of two waves, as a server leaves it that was stopped in the midst. */
final class LargeFleet {
    private static final int BATCH = 512;
    private static final Instant START = Instant.parse("2026-03-01T00:00:00Z");
    private static final PackageId PACKAGE = new PackageId("0123456789abcdef");
    private static final byte[] IMAGE = Release.bytes(1000);

    private final Path data;
    private final int devices;
    private final int canaries;
    private final int rows;
    private final List<Fact> batch = new ArrayList<>();
    private long facts;

    /** @param rows how many steps of the main road every update has gone: */
    LargeFleet(Path data, int devices, int canaries, int rows) {
        this.data = data;
        this.devices = devices;
        this.canaries = canaries;
        this.rows = rows;
    }

    /** @return facts written */
    long write() throws IOException {
        Random random = new Random(1);
        Sha256 image;
        Sha256 membership;
        try (FileArtifactStore artifacts = new FileArtifactStore(data.resolve("artifacts"))) {
            image = artifacts.put(new ByteArrayInputStream(IMAGE), IMAGE.length);
            byte[] members = MembershipFile.encode(new Membership(List.of(
                    new Membership.WaveMembers(endpoints(0, canaries), endpoints(canaries, 6 * canaries)),
                    new Membership.WaveMembers(endpoints(canaries, devices), List.of()))));
            membership = artifacts.put(new ByteArrayInputStream(members), members.length);
        }
        Manifest manifest = new Manifest(
                "app", FirmwareVersion.of(Release.VERSION), "Acme", "M-1", "rev-b", IMAGE.length, image, 1);
        CampaignSpec spec = Trial.QUICK.campaign(PACKAGE, canaries, List.of(1.0), devices, DeliveryChoice.PULL);
        List<Wave> waves = List.of(
                wave(0, canaries, 5 * canaries, WavePhase.PASSED), wave(1, devices - canaries, 0, WavePhase.PASSED));
        try (FileLedger ledger = FileLedger.open(data.resolve("ledger"), random)) {
            for (int i = 0; i < devices; i++) {
                Device seen = Device.firstSeen(endpoint(i), labels(i), START);
                record(ledger, new Fact.DeviceChanged(START, seen));
                record(ledger, new Fact.DeviceChanged(START, running(seen, "1.0.0")));
            }
            record(
                    ledger,
                    new Fact.PackageChanged(START, new FirmwarePackage(PACKAGE, manifest, "key", START, false), "me"));
            record(
                    ledger,
                    new Fact.CampaignChanged(
                            START,
                            new Campaign(
                                    WholeServer.CAMPAIGN,
                                    spec,
                                    CampaignPhase.RUNNING,
                                    "",
                                    Optional.of(membership),
                                    waves,
                                    START,
                                    START,
                                    Instant.MAX),
                            "K3",
                            "server"));
            for (int i = 0; i < devices; i++) {
                course(ledger, i);
            }
            ledger.commit(List.copyOf(batch));
        }
        return facts;
    }

    private void course(FileLedger ledger, int i) {
        int wave = i < canaries ? 0 : 1;
        Update update = Update.reserved(
                new UpdateId(WholeServer.CAMPAIGN, endpoint(i)),
                wave,
                PACKAGE,
                "north",
                String.format("%016x", i),
                FirmwareVersion.of(Release.VERSION),
                START);
        UpdateCourse.facts(update, FirmwareVersion.of("1.0.0"), START.plusSeconds(i / 100), rows)
                .forEach(fact -> record(ledger, fact));
        if (rows < UpdateCourse.WHOLE_ROAD) {
            return;
        }
        long returned = START.plusSeconds(i / 100 + 70).toEpochMilli();
        MemberEvidence joining = MemberEvidence.joining(endpoint(i), Arm.CANARY);
        record(ledger, evidence(wave, joining, returned, 0));
        record(ledger, evidence(wave, joining, returned, returned + 60_000));
        Device seen = Device.firstSeen(endpoint(i), labels(i), START);
        record(ledger, new Fact.DeviceChanged(START.plusSeconds(i / 100 + 80), running(seen, Release.VERSION)));
    }

    private static Fact evidence(int wave, MemberEvidence joining, long returned, long atRiskFrom) {
        return new Fact.EvidenceNoted(
                Instant.ofEpochMilli(returned),
                WholeServer.CAMPAIGN,
                wave,
                new MemberEvidence(
                        joining.endpoint(),
                        joining.arm(),
                        returned,
                        4.2,
                        atRiskFrom,
                        atRiskFrom == 0 ? -1 : 3,
                        0,
                        0,
                        atRiskFrom,
                        12.5,
                        0,
                        0,
                        Double.NaN));
    }

    private void record(FileLedger ledger, Fact fact) {
        facts++;
        batch.add(fact);
        if (batch.size() == BATCH) {
            ledger.commit(List.copyOf(batch));
            batch.clear();
        }
    }

    private static Wave wave(int index, int size, int control, WavePhase phase) {
        return new Wave(index, phase, size, control, START, START, START, 4, "");
    }

    private static Device running(Device device, String version) {
        return device.running(new DeviceIdentity("Acme", "M-1", "rev-b"), FirmwareVersion.of(version));
    }

    private static Labels labels(int i) {
        return new Labels(i % 2 == 0 ? "north" : "south", "aurora", new TreeSet<>());
    }

    private static List<Endpoint> endpoints(int from, int to) {
        return IntStream.range(from, to).mapToObj(LargeFleet::endpoint).toList();
    }

    private static Endpoint endpoint(int i) {
        return new Endpoint(String.format("urn:imei:86%013d", i));
    }
}
