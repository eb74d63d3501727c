package wavegate.server.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.ext.web.RoutingContext;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.event.Fact;
import wavegate.firmware.gate.Verdict;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdatePhase;
import wavegate.server.api.access.Role;
import wavegate.server.rollout.CampaignStatus;
import wavegate.server.rollout.Operations;
import wavegate.server.rollout.OrderRefused;

/** {@code /campaigns}. */
final class CampaignRoutes {
    private static final int MAX_GATES = 200;

    private final ApiPorts ports;
    private final Answers answers;
    private final CampaignJson json;
    private final RandomGenerator ids;

    CampaignRoutes(ApiPorts ports, Answers answers, CampaignDefaults defaults, RandomGenerator ids) {
        this.ports = ports;
        this.answers = answers;
        this.json = new CampaignJson(defaults, ids);
        this.ids = ids;
    }

    void list(RoutingContext ctx) {
        new Params(ctx);
        answers.read(
                ctx, () -> ApiJson.items(ports.store().campaigns(), campaign -> ApiJson.campaign(status(campaign))));
    }

    void get(RoutingContext ctx) {
        CampaignId id = id(new Params(ctx));
        answers.read(ctx, () -> tagged(ctx, status(campaign(id))));
    }

    void preview(RoutingContext ctx) {
        JsonNode body = new Params(ctx).body(true);
        answers.lookUp(
                ctx,
                () -> json.read(body, ports.store()).spec(),
                spec -> answers.order(ctx, 200, () -> ports.operations().preview(spec), plan -> {
                    var shown = PreviewJson.write(plan);
                    shown.set("spec", CampaignJson.write(spec));
                    return shown;
                }));
    }

    void create(RoutingContext ctx) {
        JsonNode body = new Params(ctx).body(true);
        answers.lookUp(ctx, () -> json.read(body, ports.store()), draft -> create(ctx, draft));
    }

    private void create(RoutingContext ctx, CampaignJson.Draft draft) {
        CampaignId id =
                wishedId(draft, ctx.request().getHeader("Idempotency-Key")).orElseGet(this::newId);
        ctx.response().putHeader("Location", "/api/v1/campaigns/" + id);
        Call call = Call.of(ctx).note("package", draft.spec().packageId().value());
        call.made("campaigns/" + id);
        Operations operations = ports.operations().audited(call.line(201));
        answers.order(
                ctx,
                201,
                () -> explained(id, () -> operations.create(id, draft.spec(), call.actor())),
                campaign -> tagged(ctx, status(campaign)));
    }

    /** Runs on a worker, before the answer is begun. */
    private static ObjectNode tagged(RoutingContext ctx, CampaignStatus status) {
        ctx.response().putHeader("ETag", CampaignTag.of(status.campaign()));
        return ApiJson.campaignWithSpec(status);
    }

    void start(RoutingContext ctx) {
        act(ctx, false, (operations, id, reason, by) -> operations.start(id, by));
    }

    void edit(RoutingContext ctx) {
        Params params = new Params(ctx);
        CampaignId id = id(params);
        JsonNode body = params.body(true);
        answers.lookUp(ctx, () -> json.read(body, ports.store()), draft -> edit(ctx, id, draft));
    }

    private void edit(RoutingContext ctx, CampaignId id, CampaignJson.Draft draft) {
        if (draft.id().isPresent() && !draft.id().get().equals(id)) {
            throw Problem.invalidBody(List.of("id: \"" + draft.id().get() + "\" (expected: \"" + id + "\", or none)"))
                    .asException();
        }
        Call call = Call.of(ctx);
        ports.operations()
                .status(id)
                .map(status -> SpecChanges.between(status.campaign().spec(), draft.spec()))
                .ifPresent(changes -> call.note("before", changes.before()).note("after", changes.after()));
        Operations operations = ports.operations().audited(call.line(200));
        order(ctx, id, 200, () -> operations.edit(id, draft.spec(), call.actor()));
    }

    void submit(RoutingContext ctx) {
        act(ctx, false, (operations, id, reason, by) -> operations.submit(id, by));
    }

    void approve(RoutingContext ctx) {
        boolean admin = Gatekeeper.caller(ctx).role().covers(Role.ADMIN);
        act(ctx, true, (operations, id, reason, by) -> operations.approve(id, reason, by, admin));
    }

    void reject(RoutingContext ctx) {
        act(ctx, true, Operations::reject);
    }

    void rollBack(RoutingContext ctx) {
        Params params = new Params(ctx);
        CampaignId id = id(params);
        Fields fields = Fields.of(params.body(true));
        String reason = fields.reason();
        Optional<PackageId> wanted = fields.has("package")
                ? fields.made(() -> Optional.of(new PackageId(fields.text("package"))), Optional.empty())
                : Optional.empty();
        fields.orRefuse();
        Call call = Call.of(ctx).note("reason", reason);
        wanted.ifPresent(each -> call.note("package", each.value()));
        Operations operations = ports.operations().audited(call.line(201));
        order(ctx, id, 201, () -> operations.rollBack(id, wanted, reason, call.actor()));
    }

    void pause(RoutingContext ctx) {
        act(ctx, true, Operations::pause);
    }

    void resume(RoutingContext ctx) {
        act(ctx, false, (operations, id, reason, by) -> operations.resume(id, by));
    }

    void abort(RoutingContext ctx) {
        act(ctx, true, Operations::abort);
    }

    void decide(RoutingContext ctx) {
        Params params = new Params(ctx);
        CampaignId id = id(params);
        int wave = params.wave();
        Fields fields = Fields.of(params.body(true));
        String verdict = fields.text("verdict");
        String reason = fields.reason();
        Optional<Verdict> decided = verdict.equalsIgnoreCase("extend")
                ? Optional.of(Verdict.INCONCLUSIVE)
                : Fields.constant(Verdict.class, verdict).filter(value -> value != Verdict.INCONCLUSIVE);
        if (decided.isEmpty() && fields.has("verdict")) {
            fields.made(
                    () -> {
                        throw new IllegalArgumentException(
                                "verdict: \"" + Problem.clean(verdict) + "\" (expected: pass, fail or extend)");
                    },
                    Verdict.FAIL);
        }
        fields.orRefuse();
        Call call = Call.of(ctx).note("verdict", verdict).note("reason", reason);
        Operations operations = ports.operations().audited(call.line(200));
        order(ctx, id, 200, () -> operations.decide(id, wave, decided.orElseThrow(), reason, call.actor()));
    }

    void updates(RoutingContext ctx) {
        Params params = new Params(ctx, "phase", "detail", "wave", "cursor", "limit");
        CampaignId id = id(params);
        Set<UpdatePhase> phases = params.constants("phase", UpdatePhase.class);
        Set<String> details = params.all("detail");
        Optional<Integer> wave = params.waveFilter();
        String cursor = params.cursor();
        int limit = params.limit();
        Predicate<Update> which = update -> (phases.isEmpty() || phases.contains(update.phase()))
                && (details.isEmpty() || details.contains(update.detail().label()))
                && (wave.isEmpty() || wave.get() == update.wave());
        answers.read(ctx, () -> {
            campaign(id);
            return ApiJson.page(ports.store().updates(id, which, cursor, limit), ApiJson::update);
        });
    }

    void gates(RoutingContext ctx) {
        Params params = new Params(ctx, "limit", "members");
        CampaignId id = id(params);
        int limit = Math.min(params.limit(), MAX_GATES);
        boolean members = params.flag("members");
        answers.read(ctx, () -> {
            campaign(id);
            List<Fact.GateJudged> judged = ports.store().gateDecisions(id, limit);
            return ApiJson.items(judged, gate -> ApiJson.gateJudged(gate, members));
        });
    }

    private interface Act {
        CompletableFuture<Campaign> on(Operations operations, CampaignId id, String reason, String by);
    }

    private void act(RoutingContext ctx, boolean withReason, Act act) {
        Params params = new Params(ctx);
        CampaignId id = id(params);
        Fields fields = Fields.of(params.body(withReason));
        String reason = withReason ? fields.reason() : "";
        fields.orRefuse();
        Call call = Call.of(ctx).note("reason", reason);
        Operations operations = ports.operations().audited(call.line(200));
        order(ctx, id, 200, () -> act.on(operations, id, reason, call.actor()));
    }

    private void order(RoutingContext ctx, CampaignId id, int status, Supplier<CompletableFuture<Campaign>> order) {
        Supplier<CompletableFuture<Campaign>> asked = CampaignTag.expected(
                        ctx.request().getHeader("If-Match"))
                .<Supplier<CompletableFuture<Campaign>>>map(
                        expected -> () -> ports.operations().ifStill(id, expected, order))
                .orElse(order);
        answers.order(ctx, status, () -> explained(id, asked), campaign -> tagged(ctx, status(campaign)));
    }

    /** A conflict says what could be ordered instead. */
    private CompletableFuture<Campaign> explained(CampaignId id, Supplier<CompletableFuture<Campaign>> order) {
        return order.get().exceptionallyCompose(failure -> {
            Throwable cause =
                    failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            if (cause instanceof OrderRefused refused && refused.kind() == OrderRefused.Kind.CONFLICT) {
                List<String> allowed = ports.operations()
                        .status(id)
                        .map(status -> ApiJson.allowedActions(status.campaign()))
                        .orElse(List.of());
                return CompletableFuture.failedFuture(
                        Problem.of(refused).allowing(allowed).asException());
            }
            return CompletableFuture.failedFuture(cause);
        });
    }

    private static Optional<CampaignId> wishedId(
            CampaignJson.Draft draft, @org.jspecify.annotations.Nullable String key) {
        if (key == null) {
            return draft.id();
        }
        CampaignId wished;
        try {
            wished = new CampaignId(key);
        } catch (IllegalArgumentException e) {
            throw Problem.invalidBody(List.of("Idempotency-Key: " + e.getMessage()))
                    .asException();
        }
        if (draft.id().isPresent() && !draft.id().get().equals(wished)) {
            throw Problem.invalidBody(List.of("Idempotency-Key: \"" + wished + "\" (expected: the id of the body, \""
                            + draft.id().get() + "\")"))
                    .asException();
        }
        return Optional.of(wished);
    }

    private CampaignId newId() {
        byte[] bits = new byte[6];
        ids.nextBytes(bits);
        return new CampaignId("c-" + HexFormat.of().formatHex(bits));
    }

    private static CampaignId id(Params params) {
        Function<String, CampaignId> make = CampaignId::new;
        return params.path("id", make);
    }

    private Campaign campaign(CampaignId id) {
        return ports.store().campaign(id).orElseThrow(() -> Problem.notFound("campaign", id.value())
                .asException());
    }

    /** The counters, or none where the loop has not met the campaign. */
    private CampaignStatus status(Campaign campaign) {
        return ports.operations()
                .status(campaign.id())
                .orElseGet(() -> new CampaignStatus(
                        campaign, List.of(), List.of(), new TreeMap<>(), Optional.empty(), campaign.createdAt()));
    }
}
