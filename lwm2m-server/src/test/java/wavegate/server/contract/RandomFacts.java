package wavegate.server.contract;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.campaign.CampaignPhase;
import wavegate.firmware.campaign.CampaignSpec;
import wavegate.firmware.campaign.KillReceipt;
import wavegate.firmware.campaign.KillScope;
import wavegate.firmware.campaign.KillSwitch;
import wavegate.firmware.campaign.Selection;
import wavegate.firmware.campaign.Wave;
import wavegate.firmware.campaign.WavePhase;
import wavegate.firmware.campaign.WavePlan;
import wavegate.firmware.device.ClientBehaviour;
import wavegate.firmware.device.ClientTraits;
import wavegate.firmware.device.Device;
import wavegate.firmware.device.DeviceFilter;
import wavegate.firmware.device.DeviceIdentity;
import wavegate.firmware.device.DeviceQuery;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.Labels;
import wavegate.firmware.device.SavedFilter;
import wavegate.firmware.event.Fact;
import wavegate.firmware.gate.Arm;
import wavegate.firmware.gate.GateDecision;
import wavegate.firmware.gate.GatePolicy;
import wavegate.firmware.gate.MemberEvidence;
import wavegate.firmware.gate.MetricDecision;
import wavegate.firmware.gate.UpdateCounts;
import wavegate.firmware.gate.Verdict;
import wavegate.firmware.gate.WaveEvidence;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.pkg.ComponentImage;
import wavegate.firmware.pkg.Delta;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.Handling;
import wavegate.firmware.pkg.ImageFacts;
import wavegate.firmware.pkg.ImageFormat;
import wavegate.firmware.pkg.ImageTerms;
import wavegate.firmware.pkg.Manifest;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.pkg.Payload;
import wavegate.firmware.pkg.ReleaseClass;
import wavegate.firmware.pkg.Requirements;
import wavegate.firmware.pkg.Severity;
import wavegate.firmware.pkg.Sha256;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.Intent;
import wavegate.firmware.update.Parts;
import wavegate.firmware.update.Sighting;
import wavegate.firmware.update.Tries;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateDetail;
import wavegate.firmware.update.UpdateId;
import wavegate.firmware.update.UpdatePhase;
import wavegate.firmware.update.UpdatePolicy;

/** Facts of all types about a few devices, campaigns and packages, the same for the same seed. Values reach into the corners: ends of time, NaN, nanoseconds. */
public final class RandomFacts {
    private final SplittableRandom random;
    private final int devices;

    public RandomFacts(long seed, int devices) {
        random = new SplittableRandom(seed);
        this.devices = devices;
    }

    public List<Fact> next(int count) {
        return IntStream.range(0, count).mapToObj(i -> next()).toList();
    }

    public Fact next() {
        return switch (random.nextInt(17)) {
            case 0, 1, 2, 3 -> deviceChanged();
            case 4, 5, 6, 7, 8 -> updateChanged();
            case 9 -> new Fact.PackageChanged(instant(), firmwarePackage(), "token-a");
            case 10 -> new Fact.CampaignChanged(instant(), campaign(), "asked", "operator \"zoë\"");
            case 11 -> new Fact.EvidenceNoted(instant(), campaignId(), random.nextInt(4), evidence());
            case 12 -> new Fact.GateJudged(instant(), campaignId(), waveEvidence(), decision());
            case 13 -> new Fact.UpdateAnnotated(instant(), updateId(), random.nextInt(4), "old version seen\n");
            case 14 -> new Fact.KillSwitchRaised(instant(), killSwitch());
            case 15 ->
                switch (random.nextInt(5)) {
                    case 0 -> new Fact.DeviceRemoved(instant(), endpoint(), "token-a");
                    case 1 -> new Fact.MembersJoined(instant(), campaignId(), 3, List.of(endpoint(), endpoint()));
                    case 2 -> new Fact.ArtifactReopened(instant(), endpoint(), digest(), "looked at it", "token-a");
                    case 3 -> new Fact.FilterSaved(instant(), savedFilter(), "token-b");
                    default -> new Fact.FilterRemoved(instant(), "filter-" + random.nextInt(3), "token-b");
                };
            default ->
                switch (random.nextInt(3)) {
                    case 0 -> new Fact.KillSwitchLifted(instant(), "kill-" + random.nextInt(4), "fixed", "token-b");
                    case 1 -> new Fact.KillSwitchReported(instant(), receipt());
                    default -> audited();
                };
        };
    }

    private SavedFilter savedFilter() {
        return new SavedFilter(
                "filter-" + random.nextInt(3), DeviceQuery.parse("battery>" + random.nextInt(100) + ",tag=='a \"b'"));
    }

    public Fact.DeviceChanged deviceChanged() {
        Device device = new Device(
                endpoint(),
                random.nextInt(4) == 0
                        ? DeviceIdentity.UNKNOWN
                        : new DeviceIdentity("Wavegate", "WG-1", "rev-" + random.nextInt(3)),
                random.nextInt(5) == 0 ? FirmwareVersion.UNKNOWN : version(),
                new Labels(
                        "eu-" + random.nextInt(4),
                        "",
                        new TreeSet<>(List.of("tag-" + random.nextInt(5), "pilot")),
                        random.nextBoolean() ? Optional.empty() : Optional.of("zephyr")),
                random.nextBoolean() ? Labels.NONE : new Labels("", "carrier-" + random.nextInt(3), new TreeSet<>()),
                instant(),
                random.nextBoolean() ? Optional.empty() : Optional.of(traits()),
                random.nextBoolean() ? Optional.empty() : Optional.of("26201-" + random.nextInt(9)));
        return new Fact.DeviceChanged(instant(), device);
    }

    public Fact.Audited audited() {
        return new Fact.Audited(
                instant(),
                "token:" + random.nextInt(4),
                "startCampaign",
                "campaigns/c-" + random.nextInt(4),
                random.nextBoolean() ? "done" : "wrong-phase",
                new TreeMap<>(Map.of("status", "200", "reason", "\u00e4 \"b\"")));
    }

    private Parts parts() {
        return new Parts(
                List.of(
                        new Parts.Part("application", 0, version(), random.nextBoolean(), Optional.of(sighting())),
                        new Parts.Part("modem:\u00e4", 3, version(), true, Optional.empty())),
                random.nextInt(2));
    }

    public Fact.UpdateChanged updateChanged() {
        Update update = new Update(
                updateId(),
                random.nextInt(5),
                packageId(),
                random.nextBoolean() ? "" : "eu-1",
                String.format("%016x", random.nextLong()),
                version(),
                random.nextBoolean() ? FirmwareVersion.UNKNOWN : version(),
                any(UpdatePhase.values()),
                any(UpdateDetail.values()),
                any(Intent.values()),
                1 + random.nextInt(3),
                random.nextInt(100),
                new Tries(
                        random.nextInt(9),
                        random.nextInt(9),
                        random.nextInt(9),
                        random.nextInt(9),
                        random.nextInt(9),
                        random.nextInt(9)),
                new UpdateResult(random.nextInt(14)),
                instant(),
                instant(),
                random.nextBoolean()
                        ? Optional.empty()
                        : Optional.of(new Payload(
                                any(Payload.Kind.values()),
                                digest(),
                                1 + random.nextInt(1 << 20),
                                random.nextInt(2000) - 1000)),
                random.nextInt(4) > 0 ? Optional.empty() : Optional.of("carrier \"x\" (package is for a, b)"),
                random.nextBoolean() ? Optional.empty() : Optional.of(sighting()),
                random.nextBoolean() ? Optional.empty() : Optional.of(parts()));
        return new Fact.UpdateChanged(instant(), update, "DOWNLOADING -- StatusRead [state 2] --> VERIFYING");
    }

    private Sighting sighting() {
        return new Sighting(
                random.nextInt(3),
                random.nextBoolean(),
                random.nextInt(4),
                random.nextInt(14),
                random.nextBoolean() ? "" : "coap://127.0.0.1/fw/" + random.nextInt(),
                random.nextBoolean() ? "" : "1.0",
                random.nextBoolean() ? Optional.empty() : Optional.of(instant()));
    }

    private ClientTraits traits() {
        return ClientTraits.NONE.withObjectVersion("1." + random.nextInt(3)).with(any(ClientBehaviour.values()));
    }

    public Endpoint endpoint() {
        return new Endpoint("urn:dev:" + random.nextInt(devices));
    }

    public CampaignId campaignId() {
        return new CampaignId("campaign-" + random.nextInt(5));
    }

    public UpdateId updateId() {
        return new UpdateId(campaignId(), endpoint());
    }

    private PackageId packageId() {
        return new PackageId(String.format("%016x", random.nextInt(4)));
    }

    private FirmwareVersion version() {
        return FirmwareVersion.of(random.nextInt(3) + "." + random.nextInt(20) + (random.nextBoolean() ? "" : "-rc1"));
    }

    private FirmwarePackage firmwarePackage() {
        Manifest manifest = new Manifest(
                "modem", version(), "Wavegate", "", "rev-1", 1 + random.nextLong(1 << 20), digest(), random.nextInt(9));
        return new FirmwarePackage(
                packageId(),
                random.nextBoolean() ? manifest : random.nextInt(3) == 0 ? ofSeveral(manifest) : widened(manifest),
                "00112233aabbccdd",
                instant(),
                random.nextBoolean(),
                random.nextBoolean()
                        ? List.of()
                        : List.of(new Delta(
                                version(), digest(), Delta.Format.BSDIFF, digest(), 1 + random.nextInt(1 << 20))),
                random.nextBoolean()
                        ? Optional.empty()
                        : Optional.of(new ImageFacts(
                                any(ImageFormat.values()),
                                "2.0.0",
                                "00112233aabbccdd",
                                Optional.of((long) random.nextInt(9)),
                                List.of("image 1 >= 1.0.0"),
                                Optional.of("7617daa5-71fd-5a85-8f94-e28d735ce9f4"),
                                Optional.empty(),
                                random.nextBoolean())));
    }

    private Manifest ofSeveral(Manifest manifest) {
        if (manifest.sizeBytes() < 2) {
            return manifest;
        }
        return manifest.ofComponents(List.of(
                new ComponentImage("application", version(), 1, digest()),
                new ComponentImage("modem", version(), manifest.sizeBytes() - 1, digest())));
    }

    private Manifest widened(Manifest manifest) {
        boolean listed = random.nextBoolean();
        return manifest.requiring(new Requirements(
                        new TreeSet<>(List.of("carrier-a", "carrier-b")),
                        new TreeSet<>(random.nextBoolean() ? List.of() : List.of("eu-1")),
                        listed ? Optional.empty() : Optional.of(FirmwareVersion.of("1.0")),
                        listed ? Optional.empty() : Optional.of(FirmwareVersion.of("v1.9")),
                        new TreeSet<>(listed ? List.of(FirmwareVersion.of("1.1")) : List.of()),
                        random.nextBoolean() ? Optional.empty() : Optional.of(512L)))
                .handledAs(new Handling(
                        Optional.of(any(ReleaseClass.values())),
                        random.nextBoolean() ? Optional.empty() : Optional.of(any(Severity.values())),
                        Optional.of(Duration.ofHours(random.nextInt(99)))))
                .declaring(
                        new ImageTerms(Optional.of(any(ImageFormat.values())), random.nextBoolean(), Optional.of((long)
                                random.nextInt(9))))
                .forComponent("modem");
    }

    private Sha256 digest() {
        byte[] bytes = new byte[8];
        random.nextBytes(bytes);
        return Sha256.of(bytes);
    }

    private Campaign campaign() {
        CampaignSpec spec = new CampaignSpec(
                "Spring \u00fc\u4e16\ud83d\ude80",
                packageId(),
                DeviceFilter.of(new TreeSet<>(List.of("eu-1", "eu-2")), new TreeSet<>(), new TreeSet<>(List.of("1.0"))),
                WavePlan.DEFAULT,
                GatePolicy.DEFAULT,
                UpdatePolicy.DEFAULT,
                random.nextDouble(),
                1 + random.nextInt(500),
                random.nextLong());
        if (random.nextBoolean()) {
            spec = spec.selecting(new Selection(
                    random.nextBoolean() ? Optional.empty() : Optional.of(DeviceQuery.parse("region==eu-*;firmware<2")),
                    random.nextBoolean(),
                    random.nextBoolean() ? Optional.empty() : Optional.of(random.nextInt(1001)),
                    random.nextBoolean() ? Optional.empty() : Optional.of(campaignId())));
        }
        List<Wave> waves = new ArrayList<>();
        for (int i = 0; i < random.nextInt(4); i++) {
            waves.add(new Wave(
                    i, any(WavePhase.values()), 25, 225, instant(), instant(), instant(), random.nextInt(4), "why"));
        }
        return new Campaign(
                campaignId(),
                spec,
                any(CampaignPhase.values()),
                random.nextBoolean() ? "" : "guardrail",
                random.nextBoolean() ? Optional.empty() : Optional.of(digest()),
                waves,
                instant(),
                instant(),
                instant());
    }

    private MemberEvidence evidence() {
        return new MemberEvidence(
                endpoint(),
                any(Arm.values()),
                random.nextLong(),
                number(),
                random.nextLong(),
                random.nextInt(9) - 1,
                random.nextLong(),
                random.nextLong(),
                random.nextBoolean() ? Optional.empty() : Optional.of(Duration.ofMinutes(random.nextInt(999))),
                random.nextLong(),
                number(),
                random.nextLong(),
                random.nextLong(),
                number(),
                List.of());
    }

    private WaveEvidence waveEvidence() {
        return new WaveEvidence(
                random.nextInt(1000),
                random.nextInt(4),
                instant(),
                instant(),
                instant(),
                random.nextInt(4),
                new UpdateCounts(25, 24, 23, 22, 1, 0, 0, 1),
                List.of(evidence(), evidence()),
                IntStream.range(0, random.nextInt(20)).mapToObj(i -> evidence()).toList());
    }

    private GateDecision decision() {
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("zeta", number());
        figures.put("alpha", number());
        return new GateDecision(
                random.nextInt(1000),
                random.nextInt(4),
                instant(),
                any(Verdict.values()),
                random.nextBoolean(),
                "e = 103 of 100",
                random.nextInt(4),
                List.of(new MetricDecision("crash", any(Verdict.values()), "3 of 25", figures)));
    }

    private KillSwitch killSwitch() {
        KillScope scope =
                switch (random.nextInt(4)) {
                    case 0 -> new KillScope(KillScope.Kind.ALL, "");
                    case 1 -> new KillScope(KillScope.Kind.REGION, "eu-1");
                    case 2 -> new KillScope(KillScope.Kind.PACKAGE, packageId().value());
                    default ->
                        new KillScope(KillScope.Kind.CAMPAIGN, campaignId().value());
                };
        return new KillSwitch("kill-" + random.nextInt(4), scope, "smoke", "gate", instant());
    }

    private KillReceipt receipt() {
        return new KillReceipt(
                killSwitch(),
                instant(),
                random.nextBoolean() ? Optional.empty() : Optional.of(instant()),
                instant(),
                random.nextInt(99),
                random.nextInt(9));
    }

    private double number() {
        return switch (random.nextInt(8)) {
            case 0 -> Double.NaN;
            case 1 -> Double.POSITIVE_INFINITY;
            case 2 -> -0.0;
            case 3 -> Double.MIN_VALUE;
            default -> random.nextDouble() * 1e6;
        };
    }

    private Instant instant() {
        return switch (random.nextInt(8)) {
            case 0 -> Instant.MAX;
            case 1 -> Instant.ofEpochSecond(random.nextLong(2_000_000_000L), random.nextInt(1_000_000_000));
            case 2 -> Instant.EPOCH.minus(Duration.ofNanos(random.nextLong(Long.MAX_VALUE)));
            case 3 -> Instant.ofEpochSecond(random.nextLong(2_000_000_000L), random.nextInt(1_000_000) * 1000L);
            default -> Instant.ofEpochMilli(1_700_000_000_000L + random.nextInt(1_000_000_000));
        };
    }

    private <T> T any(T[] values) {
        return values[random.nextInt(values.length)];
    }
}
