package wavegate.server.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;
import wavegate.config.Durations;
import wavegate.firmware.campaign.CampaignBudget;
import wavegate.firmware.campaign.CampaignSpec;
import wavegate.firmware.campaign.CampaignTerms;
import wavegate.firmware.campaign.Selection;
import wavegate.firmware.campaign.TransferWindow;
import wavegate.firmware.campaign.WavePlan;
import wavegate.firmware.device.DeviceFilter;
import wavegate.firmware.device.DeviceQuery;
import wavegate.firmware.gate.GatePolicy;
import wavegate.firmware.gate.MetricRule;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.telemetry.Metric;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.UpdatePolicy;
import wavegate.server.rollout.RolloutStore;

/**
 * The JSON form of a campaign: only {@code package} must be said, everything else has a default; an unknown field is refused. What is written
 * can be read back, but for {@code rollbackOf}, which only the server says.
 */
public final class CampaignJson {
    private static final PackageId ANY_PACKAGE = new PackageId("0000000000000000");

    private final CampaignDefaults defaults;
    private final RandomGenerator random;

    /** @param random gives a seed to a campaign that names none */
    public CampaignJson(CampaignDefaults defaults, RandomGenerator random) {
        this.defaults = defaults;
        this.random = random;
    }

    /** A spec, and the id its author wished for. */
    record Draft(Optional<CampaignId> id, CampaignSpec spec) {}

    /**
     * On a worker: the class of the package is looked up, and the saved filter, which is in the spec as it is now; later changes of it do not
     * touch the campaign.
     *
     * @throws Problem.Refusal 422 with every fault, 404 if there is no such filter
     */
    Draft read(com.fasterxml.jackson.databind.JsonNode body, RolloutStore store) {
        Fields fields = Fields.of(body);
        Optional<CampaignId> id = fields.has("id")
                ? fields.made(() -> Optional.of(new CampaignId(fields.text("id"))), Optional.empty())
                : Optional.empty();
        String packageText = fields.text("package");
        PackageId packageId =
                packageText.isEmpty() ? ANY_PACKAGE : fields.made(() -> new PackageId(packageText), ANY_PACKAGE);
        String name = fields.text("name", "package " + packageText);
        boolean asText = fields.isText("filter");
        Optional<DeviceQuery> query = asText
                ? fields.made(() -> Optional.of(DeviceQuery.parse(fields.text("filter"))), Optional.empty())
                : Optional.empty();
        DeviceFilter filter = asText ? DeviceFilter.ALL : filter(fields.section("filter"));
        Optional<String> savedFilter =
                fields.has("savedFilter") ? Optional.of(fields.text("savedFilter")) : Optional.empty();
        if (savedFilter.isPresent() && !filter.equals(DeviceFilter.ALL)) {
            fields.fault("savedFilter: not with a filter of lists (expected: a filter in RSQL, or none)");
        }
        Selection selection = selection(fields, query);
        WavePlan waves = waves(fields.section("waves"), defaults.waves());
        GatePolicy gate = gate(
                fields.section("gate"),
                defaults.gateFor(store.firmwarePackage(packageId)
                        .flatMap(known -> known.manifest().handling().releaseClass())));
        UpdatePolicy update = update(fields.section("update"), defaults.update());
        double crashRate = fields.number("expectedCrashRate", defaults.expectedCrashRate());
        int inFlight = fields.whole("inFlight", defaults.inFlight());
        Optional<CampaignBudget> budget = fields.has("budget") ? budget(fields.section("budget")) : Optional.empty();
        Optional<CampaignTerms> terms = TermsJson.read(fields);
        long seed = fields.wholeLong("seed", random.nextInt(Integer.MAX_VALUE));
        Optional<CampaignSpec> spec = fields.made(
                () -> Optional.of(new CampaignSpec(
                        name,
                        packageId,
                        filter,
                        waves,
                        gate,
                        update,
                        crashRate,
                        inFlight,
                        seed,
                        budget,
                        Optional.of(selection),
                        terms)),
                Optional.empty());
        fields.orRefuse();
        CampaignSpec asked = spec.orElseThrow();
        return new Draft(
                id,
                savedFilter
                        .map(each ->
                                narrowed(asked, FilterRoutes.find(store, each).query()))
                        .orElse(asked));
    }

    private static CampaignSpec narrowed(CampaignSpec spec, DeviceQuery saved) {
        Selection asked = spec.selection();
        try {
            return spec.selecting(new Selection(
                    Optional.of(asked.query().map(saved::and).orElse(saved)),
                    asked.lateJoiners(),
                    asked.priority(),
                    asked.supersedes()));
        } catch (IllegalArgumentException e) {
            throw Problem.invalidBody(List.of("savedFilter: with the filter beside it: " + e.getMessage()))
                    .asException();
        }
    }

    private static Selection selection(Fields fields, Optional<DeviceQuery> query) {
        boolean lateJoiners = fields.truth("lateJoiners", true);
        Optional<Integer> priority =
                fields.has("priority") ? Optional.of(fields.whole("priority", 0)) : Optional.empty();
        Optional<CampaignId> supersedes = fields.has("supersedes")
                ? fields.made(() -> Optional.of(new CampaignId(fields.text("supersedes"))), Optional.empty())
                : Optional.empty();
        return fields.made(() -> new Selection(query, lateJoiners, priority, supersedes), Selection.NONE);
    }

    static DeviceFilter filter(Fields f) {
        return new DeviceFilter(
                f.texts("regions"),
                f.texts("carriers"),
                f.texts("tags"),
                f.texts("manufacturers"),
                f.texts("models"),
                f.texts("hardware"),
                f.texts("versions"));
    }

    private static WavePlan waves(Fields f, WavePlan d) {
        return f.made(
                () -> new WavePlan(
                        f.text("canaryRegion", d.canaryRegion()),
                        f.number("canaryShare", d.canaryShare()),
                        f.whole("canaryMin", d.canaryMin()),
                        f.number("canaryMaxShare", d.canaryMaxShare()),
                        f.numbers("shares", d.shares()),
                        f.whole("controlRatio", d.controlRatio()),
                        f.whole("controlMax", d.controlMax()),
                        f.number("quorum", d.quorum()),
                        f.duration("fillDeadline", d.fillDeadline())),
                d);
    }

    private static Optional<CampaignBudget> budget(Fields f) {
        return f.made(
                () -> Optional.of(new CampaignBudget(
                        f.wholeLong("bytesPerSecond", 0), TransferWindow.parse(f.text("window", "")))),
                Optional.empty());
    }

    private static GatePolicy gate(Fields f, GatePolicy d) {
        return f.made(
                () -> new GatePolicy(
                        f.duration("preWindow", d.preWindow()),
                        f.duration("soak", d.soak()),
                        f.duration("soakMax", d.soakMax()),
                        f.duration("settle", d.settle()),
                        f.number("coverage", d.coverage()),
                        f.number("maxRatio", d.maxRatio()),
                        f.number("crashAlpha", d.crashAlpha()),
                        f.number("driftAlpha", d.driftAlpha()),
                        f.number("laterAlpha", d.laterAlpha()),
                        f.number("minDrift", d.minDrift()),
                        f.whole("looks", d.looks()),
                        f.whole("minPerArm", d.minPerArm()),
                        f.number("maxFailureShare", d.maxFailureShare()),
                        f.number("maxLostShare", d.maxLostShare()),
                        f.truth("guardrailKills", d.guardrailKills()),
                        f.has("metrics") ? metrics(f) : d.metrics()),
                d);
    }

    private static List<MetricRule> metrics(Fields f) {
        List<MetricRule> rules = new ArrayList<>();
        for (Fields rule : f.sections("metrics")) {
            Optional<Metric> source = rule.has("source")
                    ? Optional.of(rule.constant("source", Metric.class, Metric.CRASH_COUNT))
                    : Optional.empty();
            rules.add(new MetricRule(
                    rule.text("id"),
                    source,
                    rule.constant("role", MetricRule.Role.class, MetricRule.Role.CRITICAL),
                    maybe(rule, "alpha"),
                    maybe(rule, "margin"),
                    maybe(rule, "maxRatio")));
        }
        return rules;
    }

    private static Optional<Double> maybe(Fields f, String name) {
        return f.has(name) ? Optional.of(f.number(name, 1)) : Optional.empty();
    }

    /**
     * A gate policy with some of its fields said anew, under the names of a campaign's {@code gate}.
     *
     * @throws IllegalArgumentException with every fault
     */
    public static GatePolicy gate(ObjectNode said, GatePolicy otherwise) {
        try {
            Fields fields = Fields.of(said);
            GatePolicy policy = gate(fields, otherwise);
            fields.orRefuse();
            return policy;
        } catch (Problem.Refusal refusal) {
            throw new IllegalArgumentException(refusal.problem().detail(), refusal);
        }
    }

    private static UpdatePolicy update(Fields f, UpdatePolicy d) {
        return f.made(
                () -> new UpdatePolicy(
                        f.duration("checking", d.checking()),
                        f.duration("downloadStall", d.downloadStall()),
                        f.duration("verifying", d.verifying()),
                        f.duration("applying", d.applying()),
                        f.duration("awaitReturn", d.awaitReturn()),
                        f.duration("verifyFor", d.verifyFor()),
                        f.duration("deferral", d.deferral()),
                        f.duration("poll", d.poll()),
                        f.duration("backoff", d.backoff()),
                        f.duration("backoffMax", d.backoffMax()),
                        f.whole("attempts", d.attempts()),
                        f.whole("minBatteryPercent", d.minBatteryPercent()),
                        f.whole("maxBoots", d.maxBoots()),
                        f.constant("delivery", UpdatePolicy.DeliveryChoice.class, d.delivery()),
                        f.truth("allowOlder", d.allowOlder()),
                        f.truth("allowReboot", d.allowReboot())),
                d);
    }

    public static ObjectNode write(CampaignSpec spec) {
        ObjectNode json = ApiJson.object();
        json.put("name", spec.name());
        json.put("package", spec.packageId().value());
        spec.selection()
                .query()
                .ifPresentOrElse(
                        query -> json.put("filter", query.text()), () -> json.set("filter", write(spec.filter())));
        json.put("lateJoiners", spec.selection().lateJoiners());
        spec.selection().priority().ifPresent(priority -> json.put("priority", priority));
        spec.selection().supersedes().ifPresent(id -> json.put("supersedes", id.value()));
        json.set("waves", write(spec.waves()));
        json.set("gate", write(spec.gate()));
        json.set("update", write(spec.update()));
        json.put("expectedCrashRate", spec.expectedCrashRate());
        json.put("inFlight", spec.inFlight());
        spec.ownBudget().ifPresent(budget -> json.putObject("budget")
                .put("bytesPerSecond", budget.bytesPerSecond())
                .put("window", budget.window().toString()));
        TermsJson.write(spec.terms(), json);
        json.put("seed", spec.seed());
        return json;
    }

    static ObjectNode write(DeviceFilter filter) {
        ObjectNode json = ApiJson.object();
        json.set("regions", ApiJson.texts(filter.regions()));
        json.set("carriers", ApiJson.texts(filter.carriers()));
        json.set("tags", ApiJson.texts(filter.tags()));
        json.set("manufacturers", ApiJson.texts(filter.manufacturers()));
        json.set("models", ApiJson.texts(filter.models()));
        json.set("hardware", ApiJson.texts(filter.hardware()));
        json.set("versions", ApiJson.texts(filter.versions()));
        return json;
    }

    private static ObjectNode write(WavePlan plan) {
        ObjectNode json = ApiJson.object();
        json.put("canaryRegion", plan.canaryRegion());
        json.put("canaryShare", plan.canaryShare());
        json.put("canaryMin", plan.canaryMin());
        json.put("canaryMaxShare", plan.canaryMaxShare());
        plan.shares().forEach(json.putArray("shares")::add);
        json.put("controlRatio", plan.controlRatio());
        json.put("controlMax", plan.controlMax());
        json.put("quorum", plan.quorum());
        json.put("fillDeadline", Durations.format(plan.fillDeadline()));
        return json;
    }

    private static ObjectNode write(GatePolicy gate) {
        ObjectNode json = ApiJson.object();
        json.put("preWindow", Durations.format(gate.preWindow()));
        json.put("soak", Durations.format(gate.soak()));
        json.put("soakMax", Durations.format(gate.soakMax()));
        json.put("settle", Durations.format(gate.settle()));
        json.put("coverage", gate.coverage());
        json.put("maxRatio", gate.maxRatio());
        json.put("crashAlpha", gate.crashAlpha());
        json.put("driftAlpha", gate.driftAlpha());
        json.put("laterAlpha", gate.laterAlpha());
        json.put("minDrift", gate.minDrift());
        json.put("looks", gate.looks());
        json.put("minPerArm", gate.minPerArm());
        json.put("maxFailureShare", gate.maxFailureShare());
        json.put("maxLostShare", gate.maxLostShare());
        json.put("guardrailKills", gate.guardrailKills());
        var rules = json.putArray("metrics");
        gate.metrics().forEach(rule -> {
            ObjectNode row = rules.addObject()
                    .put("id", rule.id())
                    .put("role", rule.role().name().toLowerCase(Locale.ROOT));
            rule.source().ifPresent(source -> row.put("source", source.label()));
            rule.alpha().ifPresent(value -> row.put("alpha", value));
            rule.margin().ifPresent(value -> row.put("margin", value));
            rule.maxRatio().ifPresent(value -> row.put("maxRatio", value));
        });
        return json;
    }

    private static ObjectNode write(UpdatePolicy update) {
        ObjectNode json = ApiJson.object();
        json.put("checking", Durations.format(update.checking()));
        json.put("downloadStall", Durations.format(update.downloadStall()));
        json.put("verifying", Durations.format(update.verifying()));
        json.put("applying", Durations.format(update.applying()));
        json.put("awaitReturn", Durations.format(update.awaitReturn()));
        json.put("verifyFor", Durations.format(update.verifyFor()));
        json.put("deferral", Durations.format(update.deferral()));
        json.put("poll", Durations.format(update.poll()));
        json.put("backoff", Durations.format(update.backoff()));
        json.put("backoffMax", Durations.format(update.backoffMax()));
        json.put("attempts", update.attempts());
        json.put("minBatteryPercent", update.minBatteryPercent());
        json.put("maxBoots", update.maxBoots());
        json.put("delivery", update.delivery().name().toLowerCase(Locale.ROOT));
        json.put("allowOlder", update.allowOlder());
        json.put("allowReboot", update.allowReboot());
        return json;
    }
}
