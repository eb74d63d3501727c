package wavegate.firmware.campaign;

import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.DigestException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.SortedMap;
import java.util.TreeMap;
import wavegate.firmware.device.Device;
import wavegate.firmware.device.DeviceIdentity;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.Labels;
import wavegate.firmware.gate.Detectability;
import wavegate.firmware.gate.GatePolicy;
import wavegate.firmware.pkg.Candidate;
import wavegate.firmware.pkg.Compatibility;
import wavegate.firmware.pkg.Compatibility.Condition;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.Manifest;
import wavegate.firmware.pkg.Sha256;

/**
 * Decides once who is in which wave. Pure: the same fleet in any order, package, spec and busy devices give the same plan.
 *
 * <p>Devices are ranked by SHA-256(seed, endpoint) within strata of equal (hardware, carrier, region, current version). All strata are then drawn
 * from in step: the k-th of a stratum of n stands at (k - u) / n, with u between 0 and 1 from SHA-256(seed, stratum), and a cumulative share of
 * the fleet is the devices that stand lowest, rounded up in total. Every stratum gives its share to within one device, small ones by lot.
 * Unlike largest remainders this never takes a device back when the share grows: a cumulative share is a prefix of every stratum, and a
 * larger share only adds. The canary is such a prefix of one region; every later share includes it.
 */
public final class WavePlanner {
    private WavePlanner() {}

    private record StratumKey(String region, String carrier, String hardware, String version)
            implements Comparable<StratumKey> {
        private static final Comparator<StratumKey> ORDER = Comparator.comparing(StratumKey::region)
                .thenComparing(StratumKey::carrier)
                .thenComparing(StratumKey::hardware)
                .thenComparing(StratumKey::version);

        /** Parts are kept apart by a character that neither labels nor endpoints have. */
        String name() {
            return String.join("\n", region, carrier, hardware, version);
        }

        @Override
        public int compareTo(StratumKey other) {
            return ORDER.compare(this, other);
        }
    }

    /** A device at its place. {@code rank}: first eight bytes of the digest, unsigned. */
    private record Ranked(Endpoint endpoint, long rank) {
        static final Comparator<Ranked> ORDER = (a, b) -> {
            int order = Long.compareUnsigned(a.rank, b.rank);
            return order != 0 ? order : a.endpoint.compareTo(b.endpoint);
        };

        /**
         * As {@code devices.sort(ORDER)}, in a third of the time for a million: sorts numbers that hold the front of the rank and the place, and
         * puts the few right whose fronts are equal.
         */
        static void sort(List<Ranked> devices) {
            Ranked[] from = devices.toArray(Ranked[]::new);
            int placeBits = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(1, from.length - 1));
            long[] keys = new long[from.length];
            for (int i = 0; i < keys.length; i++) {
                // The other way round in its highest bit, an unsigned number sorts as a signed one.
                keys[i] = ((from[i].rank ^ Long.MIN_VALUE) >> placeBits << placeBits) | i;
            }
            Arrays.sort(keys);
            long place = (1L << placeBits) - 1;
            int begin = 0;
            for (int i = 0; i < keys.length; i++) {
                devices.set(i, from[(int) (keys[i] & place)]);
                boolean lastOfItsFront = i + 1 == keys.length || (keys[i] & ~place) != (keys[i + 1] & ~place);
                if (lastOfItsFront) {
                    if (i > begin) {
                        devices.subList(begin, i + 1).sort(ORDER);
                    }
                    begin = i + 1;
                }
            }
        }
    }

    /** Where the next device of a stratum stands. */
    private record Place(double at, int stratum) {
        static final Comparator<Place> ORDER =
                Comparator.comparingDouble(Place::at).thenComparingInt(Place::stratum);
    }

    /** Devices of one stratum in rank order, with how many of them the waves so far have taken from the front. */
    private static final class Stratum {
        final StratumKey key;
        /** Above 0, at most 1. */
        final double start;

        final List<Ranked> devices = new ArrayList<>();
        int taken;

        Stratum(StratumKey key, long hash) {
            this.key = key;
            this.start = ((hash >>> 11) + 1) * 0x1p-53;
        }

        Optional<Place> place(int index) {
            return left() == 0 ? Optional.empty() : Optional.of(new Place((taken + 1 - start) / devices.size(), index));
        }

        int left() {
            return devices.size() - taken;
        }
    }

    /** @throws IllegalArgumentException if no device is eligible, or none in the canary region that was asked for */
    public static Plan plan(
            Collection<Device> fleet, FirmwarePackage pkg, CampaignSpec spec, Surroundings surroundings) {
        SortedMap<String, Integer> excluded = new TreeMap<>();
        List<Ranked> bound = new ArrayList<>();
        List<Stratum> strata = stratify(fleet, pkg, spec, surroundings, excluded, bound);
        int eligible = strata.stream().mapToInt(Stratum::left).sum();
        if (eligible == 0) {
            if (!bound.isEmpty()) {
                excluded.put("busy", bound.size());
            }
            throw new IllegalArgumentException(
                    "eligible devices: 0 of " + fleet.size() + ", excluded " + excluded + " (expected: at least 1)");
        }
        String region = canaryRegion(strata, spec.waves().canaryRegion());
        List<String> notes = new ArrayList<>();
        List<Membership.WaveMembers> waves = new ArrayList<>();
        double ratio = Double.POSITIVE_INFINITY;
        boolean met = false;
        if (spec.terms().rollbackOf().isPresent()) {
            notes.add("a rollback: one wave, no control arm; guardrails, rate and soak protect it");
            waves.add(new Membership.WaveMembers(take(strata, eligible), List.of()));
        } else if (eligible < spec.waves().canaryMin()) {
            notes.add(String.format(
                    Locale.ROOT,
                    "%d eligible devices are fewer than the %d canaries asked for: one wave, no control arm; only guardrails, coverage and soak protect it",
                    eligible,
                    spec.waves().canaryMin()));
            waves.add(new Membership.WaveMembers(take(strata, eligible), List.of()));
        } else {
            List<Stratum> inRegion = strata.stream()
                    .filter(stratum -> stratum.key.region().equals(region))
                    .toList();
            int canaries = canarySize(inRegion, eligible, spec, notes);
            waves.add(wave(inRegion, canaries, spec.waves(), canaries == eligible));
            for (double share : spec.waves().shares()) {
                addShare(strata, eligible, share, spec.waves(), waves);
            }
            int controls = waves.get(0).control().size();
            ratio = Detectability.smallestRatio(
                    canaries,
                    controls,
                    spec.gate().soak(),
                    spec.expectedCrashRate(),
                    spec.gate().crashAlpha());
            met = ratio <= spec.gate().maxRatio();
            noteDetectability(canaries, controls, ratio, spec, notes);
        }
        if (!bound.isEmpty()) {
            addBound(waves, bound, notes);
        }
        return new Plan(new Membership(waves), excluded, eligible + bound.size(), region, ratio, met, notes);
    }

    /** Behind all others in the last wave, which is compared with nobody. */
    private static void addBound(List<Membership.WaveMembers> waves, List<Ranked> bound, List<String> notes) {
        notes.add(String.format(
                Locale.ROOT,
                "%d devices are under way or compared in a wave of another campaign: they come in the last wave",
                bound.size()));
        Membership.WaveMembers last = waves.get(waves.size() - 1);
        List<Endpoint> members = new ArrayList<>(last.members());
        members.addAll(inRankOrder(bound));
        waves.set(waves.size() - 1, new Membership.WaveMembers(members, last.control()));
    }

    /** Why a device is none of a campaign's; empty if it is. */
    public static Optional<String> exclusion(
            Device device, FirmwarePackage pkg, CampaignSpec spec, Surroundings surroundings) {
        String reason = exclusion(
                device, pkg, spec, surroundings, new Versions(pkg.manifest().version()));
        return reason.isEmpty() ? Optional.empty() : Optional.of(reason);
    }

    private static List<Stratum> stratify(
            Collection<Device> fleet,
            FirmwarePackage pkg,
            CampaignSpec spec,
            Surroundings surroundings,
            SortedMap<String, Integer> excluded,
            List<Ranked> bound) {
        Map<StratumKey, Stratum> strata = new TreeMap<>();
        Map<StratumKey, Stratum> seen = new HashMap<>();
        Versions versions = new Versions(pkg.manifest().version());
        Rank rank = new Rank(spec.seed());
        for (Device device : fleet) {
            String reason = exclusion(device, pkg, spec, surroundings, versions);
            if (!reason.isEmpty()) {
                excluded.merge(reason, 1, Integer::sum);
                continue;
            }
            if (surroundings.boundElsewhere().test(device)) {
                bound.add(
                        new Ranked(device.endpoint(), rank.of(device.endpoint().name())));
                continue;
            }
            Labels labels = device.labels();
            StratumKey key = new StratumKey(
                    labels.region(),
                    labels.carrier(),
                    device.identity().hardware(),
                    versions.canonical(device.firmware()));
            seen.computeIfAbsent(key, k -> {
                        Stratum stratum = new Stratum(k, rank.of(k.name()));
                        strata.put(k, stratum);
                        return stratum;
                    })
                    .devices
                    .add(new Ranked(device.endpoint(), rank.of(device.endpoint().name())));
        }
        strata.values().forEach(stratum -> Ranked.sort(stratum.devices));
        return List.copyOf(strata.values());
    }

    private static String exclusion(
            Device device, FirmwarePackage pkg, CampaignSpec spec, Surroundings surroundings, Versions versions) {
        Manifest manifest = pkg.manifest();
        DeviceIdentity identity = device.identity();
        if (!spec.filter().matches(device) || !surroundings.selects().test(device)) {
            return "filter";
        }
        if (pkg.revoked()) {
            return "package-revoked";
        }
        if (!identity.known()) {
            return "unknown-identity";
        }
        boolean there = manifest.componentNames().isEmpty() && versions.isTarget(device.firmware());
        Optional<Condition> unmet = Compatibility.unmetBeforeReading(manifest, candidate(device));
        // What runs the target already is there, whatever version it was to come from.
        boolean version = unmet.isPresent() && unmet.get() == Condition.VERSION;
        if (unmet.isPresent() && !(version && (there || surroundings.onItsWay().test(device)))) {
            return unmet.get().label();
        }
        if (!manifest.componentNames().isEmpty()) {
            // A component has a version of its own, which is seen when it is read.
            return "";
        }
        if (spec.terms().selfTest() != there) {
            return there ? "already-there" : "not-there";
        }
        return !there && surroundings.guarded().contains(device.firmware()) ? "security-counter" : "";
    }

    private static Candidate candidate(Device device) {
        DeviceIdentity identity = device.identity();
        Labels labels = device.labels();
        return new Candidate(
                identity.manufacturer(),
                identity.model(),
                identity.hardware(),
                labels.carrier(),
                labels.region(),
                device.firmware(),
                OptionalLong.empty());
    }

    private static String canaryRegion(List<Stratum> strata, String asked) {
        SortedMap<String, Integer> sizes = new TreeMap<>();
        strata.forEach(stratum -> sizes.merge(stratum.key.region(), stratum.left(), Integer::sum));
        if (asked.isEmpty()) {
            return sizes.entrySet().stream()
                    .max(Map.Entry.<String, Integer>comparingByValue()
                            .thenComparing(
                                    Map.Entry.<String, Integer>comparingByKey().reversed()))
                    .orElseThrow()
                    .getKey();
        }
        if (!sizes.containsKey(asked)) {
            throw new IllegalArgumentException("canary region: \"" + asked
                    + "\" has no eligible device (expected: one of " + sizes.keySet() + ")");
        }
        return asked;
    }

    private static int canarySize(List<Stratum> inRegion, int eligible, CampaignSpec spec, List<String> notes) {
        WavePlan waves = spec.waves();
        GatePolicy gate = spec.gate();
        int regionSize = inRegion.stream().mapToInt(Stratum::left).sum();
        int byShare = ceil(waves.canaryShare() * regionSize);
        int byRatio = Detectability.canariesNeeded(
                gate.maxRatio(), waves.controlRatio(), gate.soak(), spec.expectedCrashRate(), gate.crashAlpha());
        int wanted = Math.max(Math.max(byShare, waves.canaryMin()), byRatio == Integer.MAX_VALUE ? 0 : byRatio);
        int cap = Math.max(1, (int) Math.floor(waves.canaryMaxShare() * eligible + 1e-9));
        int room = Math.max(1, regionSize / 2);
        int size = Math.min(wanted, Math.min(cap, room));
        if (size < wanted) {
            String limit = cap <= room
                    ? plain(waves.canaryMaxShare() * 100) + " % of " + eligible + " devices"
                    : "half of the " + regionSize + " devices of the region, so that as many are left to compare with";
            notes.add(String.format(
                    Locale.ROOT,
                    "%d canaries instead of the %s: the limit is %s",
                    size,
                    wanted == byRatio ? wanted + " the ratio needs" : wanted + " asked for",
                    limit));
        }
        return size;
    }

    /** Adds the wave that brings the fleet to a cumulative share. A share that adds nobody makes no wave. */
    private static void addShare(
            List<Stratum> strata, int eligible, double share, WavePlan plan, List<Membership.WaveMembers> waves) {
        int taken = strata.stream().mapToInt(stratum -> stratum.taken).sum();
        int adds = ceil(share * eligible) - taken;
        if (adds > 0) {
            waves.add(wave(strata, adds, plan, taken + adds == eligible));
        }
    }

    private static Membership.WaveMembers wave(List<Stratum> strata, int adds, WavePlan plan, boolean last) {
        int[] before = strata.stream().mapToInt(stratum -> stratum.taken).toArray();
        List<Endpoint> members = take(strata, adds);
        if (last) {
            return new Membership.WaveMembers(members, List.of());
        }
        long wished = Math.max(Math.min((long) plan.controlRatio() * adds, plan.controlMax()), adds);
        return new Membership.WaveMembers(members, control(strata, before, wished));
    }

    /** Takes the {@code count} devices that stand lowest of those not taken yet, and returns them in rank order. */
    private static List<Endpoint> take(List<Stratum> strata, int count) {
        PriorityQueue<Place> places = new PriorityQueue<>(Place.ORDER);
        for (int i = 0; i < strata.size(); i++) {
            strata.get(i).place(i).ifPresent(places::add);
        }
        List<Ranked> taken = new ArrayList<>(count);
        while (taken.size() < count) {
            int i = places.remove().stratum();
            Stratum stratum = strata.get(i);
            taken.add(stratum.devices.get(stratum.taken++));
            stratum.place(i).ifPresent(places::add);
        }
        return inRankOrder(taken);
    }

    /**
     * Devices from the ends of the strata the wave took from, in proportion to what it took of each, as far as they last. Returned in rank
     * order.
     */
    private static List<Endpoint> control(List<Stratum> strata, int[] takenBefore, long wished) {
        int[] held = new int[strata.size()];
        PriorityQueue<Place> places = new PriorityQueue<>(Place.ORDER);
        for (int i = 0; i < held.length; i++) {
            int added = strata.get(i).taken - takenBefore[i];
            if (added > 0 && strata.get(i).left() > 0) {
                places.add(new Place(0.5 / added, i));
            }
        }
        List<Ranked> control = new ArrayList<>();
        while (control.size() < wished && !places.isEmpty()) {
            int i = places.remove().stratum();
            Stratum stratum = strata.get(i);
            control.add(stratum.devices.get(stratum.devices.size() - 1 - held[i]));
            held[i]++;
            if (held[i] < stratum.left()) {
                places.add(new Place((held[i] + 0.5) / (stratum.taken - takenBefore[i]), i));
            }
        }
        return inRankOrder(control);
    }

    private static List<Endpoint> inRankOrder(List<Ranked> devices) {
        Ranked.sort(devices);
        return devices.stream().map(Ranked::endpoint).toList();
    }

    private static void noteDetectability(
            int canaries, int controls, double ratio, CampaignSpec spec, List<String> notes) {
        GatePolicy gate = spec.gate();
        if (controls < canaries) {
            notes.add(String.format(
                    Locale.ROOT,
                    "%d controls for %d canaries: the region has no more devices to compare with",
                    controls,
                    canaries));
        }
        if (ratio > gate.maxRatio()) {
            String finds = Double.isInfinite(ratio)
                    ? "cannot find any ratio of crash rates"
                    : String.format(Locale.ROOT, "finds a ratio of %.1f or more", ratio);
            notes.add(String.format(
                    Locale.ROOT,
                    "a canary of %d with %d controls %s in a soak of %s at %s expected crashes per device and hour; the gate asks for %s and will be HELD for approval",
                    canaries,
                    controls,
                    finds,
                    gate.soak(),
                    plain(spec.expectedCrashRate()),
                    plain(gate.maxRatio())));
        }
        int metered = Math.min(canaries, controls);
        if (metered < gate.minPerArm()) {
            notes.add(String.format(
                    Locale.ROOT,
                    "the battery test needs %d devices per arm and gets %d: the gate will be HELD for approval",
                    gate.minPerArm(),
                    metered));
        }
    }

    /** Three figures, for people. */
    private static String plain(double value) {
        return new BigDecimal(value)
                .round(new MathContext(3))
                .stripTrailingZeros()
                .toPlainString();
    }

    /** Rounded up, but a product that is whole but for the last bits of its binary form stays whole. */
    private static int ceil(double value) {
        return (int) Math.ceil(value - 1e-9 * Math.max(1, value));
    }

    /** Versions compare as versions, not by spelling; spellings are few, so each is compared once. */
    private static final class Versions {
        private final FirmwareVersion target;
        private final Map<String, Boolean> targets = new HashMap<>();
        private final Map<String, String> canonical = new HashMap<>();

        Versions(FirmwareVersion target) {
            this.target = target;
        }

        boolean isTarget(FirmwareVersion version) {
            return targets.computeIfAbsent(version.text(), text -> target.equals(version));
        }

        String canonical(FirmwareVersion version) {
            return canonical.computeIfAbsent(version.text(), text -> version.canonicalText());
        }
    }

    /** SHA-256 over the seed, eight bytes big-endian, and a name in UTF-8; the first eight bytes of the digest. */
    private static final class Rank {
        private final byte[] seed;
        private final MessageDigest digest = Sha256.newDigest();
        private final byte[] out = new byte[32];

        Rank(long seed) {
            this.seed = ByteBuffer.allocate(Long.BYTES).putLong(seed).array();
        }

        long of(String name) {
            digest.update(seed);
            digest.update(name.getBytes(StandardCharsets.UTF_8));
            try {
                digest.digest(out, 0, out.length);
            } catch (DigestException e) {
                throw new IllegalStateException("32 bytes hold a SHA-256", e);
            }
            return ByteBuffer.wrap(out).getLong();
        }
    }
}
