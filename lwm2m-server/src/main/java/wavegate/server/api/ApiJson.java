package wavegate.server.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import wavegate.config.Durations;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.campaign.KillReceipt;
import wavegate.firmware.campaign.KillSwitch;
import wavegate.firmware.campaign.Membership;
import wavegate.firmware.campaign.Plan;
import wavegate.firmware.campaign.Wave;
import wavegate.firmware.campaign.WavePhase;
import wavegate.firmware.device.ClientBehaviour;
import wavegate.firmware.device.ClientProfiles;
import wavegate.firmware.device.ClientTraits;
import wavegate.firmware.device.Device;
import wavegate.firmware.device.Labels;
import wavegate.firmware.event.Fact;
import wavegate.firmware.gate.GateDecision;
import wavegate.firmware.gate.MemberEvidence;
import wavegate.firmware.gate.MetricDecision;
import wavegate.firmware.gate.UpdateCounts;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.pkg.Delta;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.ImageFacts;
import wavegate.firmware.pkg.Manifest;
import wavegate.firmware.pkg.Payload;
import wavegate.firmware.pkg.Requirements;
import wavegate.firmware.telemetry.HealthReport;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdatePhase;
import wavegate.server.rollout.CampaignStatus;
import wavegate.server.rollout.Page;
import wavegate.server.rollout.SessionDirectory;

/** Records as the API shows them. Instants are ISO-8601; what is not there, not yet, or no number is {@code null}. */
public final class ApiJson {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    static {
        MAPPER.getFactory().setCharacterEscapes(new NoMarkup());
    }

    private ApiJson() {}

    /** What could begin markup is spelled out: answers repeat what clients sent, and some reader may take them for a page. */
    private static final class NoMarkup extends CharacterEscapes {
        private final int[] ascii = standardAsciiEscapesForJSON();

        NoMarkup() {
            for (char c : new char[] {'<', '>', '&', 0x7f}) {
                ascii[c] = ESCAPE_STANDARD;
            }
        }

        @Override
        public int[] getEscapeCodesForAscii() {
            return ascii.clone();
        }

        @Override
        public @org.jspecify.annotations.Nullable SerializableString getEscapeSequence(int c) {
            return null;
        }
    }

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    static ArrayNode texts(Collection<String> items) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        items.forEach(array::add);
        return array;
    }

    static byte[] bytes(JsonNode json) {
        try {
            return MAPPER.writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree that cannot be written", e);
        }
    }

    /** @throws JsonProcessingException if this is not one JSON value, or names a field twice */
    static JsonNode parse(byte[] text) throws JsonProcessingException {
        try {
            return MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw e;
        } catch (IOException e) {
            throw new IllegalStateException("reading an array failed", e);
        }
    }

    static <T> ObjectNode page(Page<T> page, Function<T, ? extends JsonNode> item) {
        ObjectNode json = items(page.items(), item);
        json.put("next", Cursors.opaque(page.next()));
        return json;
    }

    static <T> ObjectNode items(List<T> list, Function<T, ? extends JsonNode> item) {
        ObjectNode json = object();
        ArrayNode items = json.putArray("items");
        list.forEach(element -> items.add(item.apply(element)));
        return json;
    }

    static ObjectNode firmwarePackage(FirmwarePackage pkg) {
        ObjectNode json = object();
        json.put("id", pkg.id().value());
        json.put("name", pkg.manifest().name());
        json.put("version", pkg.manifest().version().text());
        json.put("manufacturer", pkg.manifest().manufacturer());
        json.put("model", pkg.manifest().model());
        json.put("hardware", pkg.manifest().hardware());
        json.put("sizeBytes", pkg.manifest().sizeBytes());
        json.put("sha256", pkg.manifest().sha256().hex());
        json.put("sequence", pkg.manifest().sequence());
        pkg.manifest().expires().ifPresent(expires -> json.put("expires", instant(expires)));
        pkg.manifest().component().ifPresent(name -> json.put("component", name));
        json.set("components", ComponentsJson.images(pkg.manifest().components()));
        terms(pkg.manifest(), json);
        pkg.image().ifPresent(image -> json.set("image", image(image)));
        ArrayNode deltas = json.putArray("deltas");
        pkg.deltas().forEach(delta -> deltas.add(delta(delta)));
        json.put("keyId", pkg.keyId());
        json.put("uploadedAt", instant(pkg.uploadedAt()));
        json.put("revoked", pkg.revoked());
        return json;
    }

    private static ObjectNode image(ImageFacts image) {
        ObjectNode json = object();
        json.put("format", image.format().label());
        json.put("version", image.version());
        json.put("keyId", image.keyId());
        image.securityCounter().ifPresent(counter -> json.put("securityCounter", counter));
        json.set("dependencies", texts(image.dependencies()));
        image.vendorId().ifPresent(id -> json.put("vendorId", id));
        image.classId().ifPresent(id -> json.put("classId", id));
        json.put("payloadChecked", image.payloadChecked());
        return json;
    }

    private static ObjectNode delta(Delta delta) {
        ObjectNode json = object();
        json.put("from", delta.from().text());
        json.put("fromSha256", delta.fromSha256().hex());
        json.put("format", delta.format().label());
        json.put("sha256", delta.sha256().hex());
        json.put("sizeBytes", delta.sizeBytes());
        return json;
    }

    /** What a manifest asks of devices and says of its image, where it does. */
    private static void terms(Manifest manifest, ObjectNode json) {
        Requirements requires = manifest.requirements();
        if (!requires.equals(Requirements.NONE)) {
            ObjectNode asked = json.putObject("requires");
            asked.set("carriers", texts(requires.carriers()));
            asked.set("regions", texts(requires.regions()));
            asked.set(
                    "versions",
                    texts(requires.oneOf().stream().map(FirmwareVersion::text).toList()));
            requires.atLeast().ifPresent(least -> asked.put("atLeast", least.text()));
            requires.atMost().ifPresent(most -> asked.put("atMost", most.text()));
            requires.freeMemoryKb().ifPresent(kb -> asked.put("freeMemoryKb", kb));
        }
        manifest.handling().releaseClass().ifPresent(each -> json.put("class", each.label()));
        manifest.handling().severity().ifPresent(each -> json.put("severity", each.label()));
        manifest.handling().maxDefer().ifPresent(each -> json.put("maxDefer", Durations.format(each)));
        manifest.imageTerms().format().ifPresent(each -> json.put("format", each.label()));
        manifest.imageTerms().securityCounter().ifPresent(each -> json.put("securityCounter", each));
        if (manifest.imageTerms().encrypted()) {
            json.put("encrypted", true);
        }
    }

    static ObjectNode device(Device device, Optional<SessionDirectory.Session> session) {
        ObjectNode json = object();
        json.put("endpoint", device.endpoint().name());
        json.put("manufacturer", device.identity().manufacturer());
        json.put("model", device.identity().model());
        json.put("hardware", device.identity().hardware());
        json.put("firmware", device.firmware().text());
        json.set("labels", labels(device.labels()));
        json.set("operatorLabels", labels(device.operatorLabels()));
        json.set("reportedLabels", labels(device.reportedLabels()));
        json.put("cell", device.cell().orElse(null));
        json.put("firstSeen", instant(device.firstSeen()));
        json.set("session", session.<JsonNode>map(ApiJson::session).orElse(JsonNodeFactory.instance.nullNode()));
        return json;
    }

    private static ObjectNode labels(Labels labels) {
        ObjectNode json = object();
        json.put("region", labels.region());
        json.put("carrier", labels.carrier());
        json.set("tags", texts(labels.tags()));
        labels.clientProfile().ifPresent(name -> json.put("clientProfile", name));
        return json;
    }

    /** By which profile the device's client is treated, why, and what it has shown. */
    static ObjectNode client(ClientProfiles.Choice choice, ClientTraits traits) {
        ObjectNode json = object();
        json.put("profile", choice.profile().name());
        json.put("reason", choice.reason());
        json.put("objectVersion", traits.objectVersion());
        json.set(
                "behaviours",
                texts(traits.behaviours().stream().map(ClientBehaviour::label).toList()));
        return json;
    }

    private static ObjectNode session(SessionDirectory.Session session) {
        ObjectNode json = object();
        json.put("registrationId", session.registrationId());
        json.put("address", text(session.address()));
        json.put("lifetime", Durations.format(session.lifetime()));
        json.put("binding", session.binding());
        json.put("queueMode", session.queueMode());
        json.put("lwm2mVersion", session.lwm2mVersion());
        ObjectNode objects = json.putObject("objects");
        new TreeMap<>(session.objects()).forEach((id, version) -> objects.put(String.valueOf(id), version));
        json.put("registeredAt", instant(session.registeredAt()));
        json.put("lastSeen", instant(session.lastSeen()));
        return json;
    }

    private static String text(InetSocketAddress address) {
        InetAddress host = address.getAddress();
        String name = host == null ? address.getHostString() : host.getHostAddress();
        return (name.contains(":") ? "[" + name + "]" : name) + ":" + address.getPort();
    }

    static ObjectNode healthReport(HealthReport report) {
        ObjectNode json = object();
        json.put("deviceTime", instant(report.deviceTime()));
        json.put("receivedAt", instant(report.receivedAt()));
        ObjectNode values = json.putObject("values");
        report.values().forEach((metric, value) -> number(values, metric.label(), value));
        return json;
    }

    /** A row without its token, which is a secret until it is sent. */
    static ObjectNode update(Update update) {
        ObjectNode json = object();
        json.put("endpoint", update.endpoint().name());
        json.put("campaign", update.campaign().value());
        json.put("wave", update.wave());
        json.put("package", update.packageId().value());
        json.put("region", update.region());
        json.put("from", update.from().text());
        json.put("target", update.target().text());
        json.put("phase", update.phase().name());
        json.put("detail", update.detail().label());
        json.put("note", update.note().orElse(""));
        Optional<Payload> payload = update.payload();
        json.put("payload", payload.map(each -> each.kind().label()).orElse(null));
        json.put("payloadSha256", payload.map(each -> each.sha256().hex()).orElse(null));
        json.put("payloadBytes", payload.map(Payload::sizeBytes).orElse(null));
        json.set("components", ComponentsJson.parts(update.parts()));
        json.put("attempt", update.attempt());
        json.put("lastResult", update.lastResult().code());
        json.put(
                "lastResultName",
                update.lastResult().equals(UpdateResult.INITIAL)
                        ? ""
                        : update.lastResult().label());
        json.put("since", instant(update.since()));
        json.put("deadline", instant(update.deadline()));
        json.put("final", update.isFinal());
        return json;
    }

    static ObjectNode plan(Plan plan) {
        ObjectNode json = object();
        json.put("eligible", plan.eligible());
        json.set("excluded", counts(plan.excluded()));
        json.put("canaryRegion", plan.canaryRegion());
        number(json, "detectableRatio", plan.detectableRatio());
        json.put("ratioMet", plan.ratioMet());
        json.set("notes", texts(plan.notes()));
        ArrayNode waves = json.putArray("waves");
        for (Membership.WaveMembers members : plan.membership().waves()) {
            ObjectNode wave = waves.addObject();
            wave.put("index", waves.size() - 1);
            wave.put("size", members.members().size());
            wave.put("control", members.control().size());
        }
        return json;
    }

    /** A campaign with its counters; everything but the spec. */
    static ObjectNode campaign(CampaignStatus status) {
        Campaign campaign = status.campaign();
        ObjectNode json = object();
        json.put("id", campaign.id().value());
        json.put("name", campaign.spec().name());
        json.put("package", campaign.spec().packageId().value());
        json.put("phase", campaign.phase().name());
        json.put("reason", campaign.reason());
        json.put("createdAt", instant(campaign.createdAt()));
        json.put("startedAt", instant(campaign.startedAt()));
        json.put("endedAt", instant(campaign.endedAt()));
        json.set("review", ReviewJson.write(campaign.review()));
        json.put("devices", campaign.waves().stream().mapToInt(Wave::size).sum());
        Map<UpdatePhase, Integer> total = new EnumMap<>(UpdatePhase.class);
        status.phases().forEach(wave -> wave.forEach((phase, count) -> total.merge(phase, count, Integer::sum)));
        json.put(
                "notReserved",
                status.notReserved().stream().mapToInt(Integer::intValue).sum());
        json.set("phases", phases(total));
        json.set("reasons", counts(status.reasons()));
        ObjectNode deltas = json.putObject("deltas");
        deltas.put("applied", status.deltas().applied());
        deltas.put("failed", status.deltas().failed());
        deltas.put("bytesSaved", status.deltas().bytesSaved());
        ArrayNode waves = json.putArray("waves");
        for (Wave wave : campaign.waves()) {
            waves.add(wave(wave, status));
        }
        json.set("gate", status.lastGate().<JsonNode>map(ApiJson::gate).orElse(JsonNodeFactory.instance.nullNode()));
        json.set("allowedActions", texts(allowedActions(campaign)));
        json.put("at", instant(status.at()));
        return json;
    }

    static ObjectNode campaignWithSpec(CampaignStatus status) {
        ObjectNode json = campaign(status);
        json.set("spec", CampaignJson.write(status.campaign().spec()));
        return json;
    }

    /** What may be ordered of a campaign as it stands. */
    static List<String> allowedActions(Campaign campaign) {
        List<String> actions = new ArrayList<>(
                switch (campaign.phase()) {
                    case DRAFT -> List.of("start", "submit", "edit", "abort");
                    case PENDING_APPROVAL -> List.of("approve", "reject", "start", "edit", "abort");
                    case SCHEDULED -> List.of("pause", "abort");
                    case RUNNING -> List.of("pause", "abort", "retry", "rollback");
                    case ENDING -> List.of("pause", "abort", "rollback");
                    case PAUSED -> List.of("resume", "abort", "rollback");
                    case COMPLETED, COMPLETED_WITH_FAILURES, ABORTED ->
                        campaign.membership().isPresent() ? List.of("rollback") : List.<String>of();
                    case ABORTING, ROLLING_BACK, ROLLED_BACK -> List.<String>of();
                });
        if (campaign.waves().stream().anyMatch(wave -> wave.phase() == WavePhase.HELD)) {
            actions.add("decide");
        }
        return actions;
    }

    private static ObjectNode wave(Wave wave, CampaignStatus status) {
        int i = wave.index();
        ObjectNode json = object();
        json.put("index", i);
        json.put("phase", wave.phase().name());
        json.put("reason", wave.reason());
        json.put("size", wave.size());
        json.put("control", wave.control());
        json.put("phaseSince", instant(wave.phaseSince()));
        json.put("soakFrom", instant(wave.soakFrom()));
        json.put("soakUntil", instant(wave.soakUntil()));
        json.put("looksUsed", wave.looksUsed());
        json.put(
                "notReserved",
                i < status.notReserved().size() ? status.notReserved().get(i) : wave.size());
        json.set("phases", phases(i < status.phases().size() ? status.phases().get(i) : Map.of()));
        return json;
    }

    static ObjectNode gate(GateDecision decision) {
        ObjectNode json = object();
        json.put("sequence", decision.sequence());
        json.put("wave", decision.wave());
        json.put("at", instant(decision.at()));
        json.put("verdict", decision.verdict().name());
        json.put("guardrail", decision.guardrail());
        json.put("reason", decision.reason());
        json.put("looksUsed", decision.looksUsed());
        ArrayNode metrics = json.putArray("metrics");
        for (MetricDecision metric : decision.metrics()) {
            ObjectNode one = metrics.addObject();
            one.put("metric", metric.metric());
            one.put("verdict", metric.verdict().name());
            one.put("reason", metric.reason());
            ObjectNode figures = one.putObject("figures");
            metric.figures().forEach((name, value) -> number(figures, name, value));
        }
        return json;
    }

    /** @param members whether each device's evidence is shown too */
    static ObjectNode gateJudged(Fact.GateJudged judged, boolean members) {
        ObjectNode json = gate(judged.decision());
        ObjectNode evidence = json.putObject("evidence");
        evidence.put("now", instant(judged.evidence().now()));
        evidence.put("soakFrom", instant(judged.evidence().soakFrom()));
        evidence.put("soakUntil", instant(judged.evidence().soakUntil()));
        evidence.put("canary", judged.evidence().canary().size());
        evidence.put("control", judged.evidence().control().size());
        evidence.set("counts", counts(judged.evidence().counts()));
        if (members) {
            ArrayNode rows = evidence.putArray("members");
            judged.evidence().canary().forEach(member -> rows.add(member(member)));
            judged.evidence().control().forEach(member -> rows.add(member(member)));
        }
        return json;
    }

    private static ObjectNode counts(UpdateCounts counts) {
        ObjectNode json = object();
        json.put("size", counts.size());
        json.put("dispatched", counts.dispatched());
        json.put("settled", counts.settled());
        json.put("succeeded", counts.succeeded());
        json.put("failed", counts.failed());
        json.put("lost", counts.lost());
        json.put("revertedAfterSuccess", counts.revertedAfterSuccess());
        json.put("integrityFailures", counts.integrityFailures());
        return json;
    }

    private static ObjectNode member(MemberEvidence member) {
        ObjectNode json = object();
        json.put("endpoint", member.endpoint().name());
        json.put("arm", member.arm().name());
        json.put("indexAt", member.indexAt());
        number(json, "preRate", member.preRate());
        json.put("atRiskFrom", member.atRiskFrom());
        json.put("crashesAtStart", member.crashesAtStart());
        json.put("firstCrashAt", member.firstCrashAt());
        json.put("firstSilentAt", member.firstSilentAt());
        json.put("postStartAt", member.postStartAt());
        number(json, "postStartEnergy", member.postStartEnergy());
        json.put("latestAt", member.latestAt());
        json.put("latestEnergyAt", member.latestEnergyAt());
        number(json, "latestEnergy", member.latestEnergy());
        return json;
    }

    static ObjectNode killSwitch(KillSwitch kill) {
        ObjectNode json = object();
        json.put("id", kill.id());
        json.put("scope", kill.scope().kind().name().toLowerCase(java.util.Locale.ROOT));
        json.put("value", kill.scope().value());
        json.put("reason", kill.reason());
        json.put("by", kill.by());
        json.put("raisedAt", instant(kill.raisedAt()));
        return json;
    }

    static ObjectNode killReceipt(KillReceipt receipt) {
        ObjectNode json = object();
        json.set("killSwitch", killSwitch(receipt.killSwitch()));
        json.put("fenceRaisedAt", instant(receipt.fenceRaisedAt()));
        json.put(
                "lastDispatchAt", receipt.lastDispatchAt().map(ApiJson::instant).orElse(null));
        json.put("acknowledgedAt", instant(receipt.acknowledgedAt()));
        json.put("cancelled", receipt.cancelled());
        json.put("leftAlone", receipt.leftAlone());
        return json;
    }

    private static ObjectNode phases(Map<UpdatePhase, Integer> phases) {
        ObjectNode json = object();
        for (UpdatePhase phase : UpdatePhase.values()) {
            int count = phases.getOrDefault(phase, 0);
            if (count != 0) {
                json.put(phase.name(), count);
            }
        }
        return json;
    }

    private static ObjectNode counts(Map<String, Integer> counts) {
        ObjectNode json = object();
        counts.forEach(json::put);
        return json;
    }

    private static void number(ObjectNode json, String name, double value) {
        if (Double.isFinite(value)) {
            json.put(name, value);
        } else {
            json.putNull(name);
        }
    }

    private static @org.jspecify.annotations.Nullable String instant(Instant instant) {
        return instant.equals(Instant.MAX) ? null : instant.toString();
    }
}
