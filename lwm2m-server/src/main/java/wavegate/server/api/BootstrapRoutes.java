package wavegate.server.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.ext.web.RoutingContext;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import wavegate.bootstrap.BootstrapCounters;
import wavegate.bootstrap.account.Account;
import wavegate.bootstrap.account.AccountJson;
import wavegate.bootstrap.account.Rule;
import wavegate.bootstrap.account.Terms;
import wavegate.bootstrap.shard.Assignment;
import wavegate.bootstrap.shard.Shard;
import wavegate.firmware.device.Endpoint;

/** {@code /bootstrap}. Without a bootstrap server in this process every route answers 404. */
final class BootstrapRoutes {
    private static final Pattern UPPER = Pattern.compile("[A-Z]");
    private static final Pattern DASH = Pattern.compile("-([a-z])");

    private final ApiPorts ports;
    private final Answers answers;

    BootstrapRoutes(ApiPorts ports, Answers answers) {
        this.ports = ports;
        this.answers = answers;
    }

    void status(RoutingContext ctx) {
        new Params(ctx);
        BootstrapDesk desk = desk();
        answers.read(ctx, () -> {
            ObjectNode json = ApiJson.object();
            ObjectNode counters = json.putObject("counters");
            for (BootstrapCounters.Event event : BootstrapCounters.Event.values()) {
                counters.put(
                        camel(event.name().toLowerCase(Locale.ROOT).replace('_', '-')),
                        desk.server().counters().of(event));
            }
            json.put("openSessions", desk.server().openSessions());
            json.put("devices", desk.accounts().count());
            ArrayNode shards = json.putArray("shards");
            for (Shard shard : desk.server().ring().shards()) {
                shards.addObject()
                        .put("name", shard.name())
                        .put("uri", shard.uri())
                        .put("weight", shard.weight());
            }
            ArrayNode rules = json.putArray("rules");
            for (Rule rule : desk.accounts().rules()) {
                rules.addObject().put("name", rule.name()).put("match", rule.match());
            }
            return json;
        });
    }

    void list(RoutingContext ctx) {
        Params params = new Params(ctx, "cursor", "limit");
        String after = params.cursor();
        int limit = params.limit();
        BootstrapDesk desk = desk();
        answers.read(ctx, () -> {
            List<Account> page = desk.accounts().page(after, limit);
            ObjectNode json = ApiJson.items(page, account -> json(desk, account));
            json.put(
                    "next",
                    page.size() < limit
                            ? ""
                            : Cursors.opaque(page.get(page.size() - 1).endpoint()));
            return json;
        });
    }

    void get(RoutingContext ctx) {
        String endpoint = endpoint(new Params(ctx));
        BootstrapDesk desk = desk();
        answers.read(
                ctx,
                () -> json(desk, desk.accounts().findOrImagine(endpoint).orElseThrow(() -> unknown(endpoint)
                        .asException())));
    }

    void put(RoutingContext ctx) {
        Params params = new Params(ctx);
        String endpoint = endpoint(params);
        JsonNode body = params.body(true);
        BootstrapDesk desk = desk();
        Account account = account(desk, endpoint, body);
        change(ctx, () -> desk.accounts().put(account), put -> answers.send(ctx, 200, ApiJson.bytes(json(desk, put))));
    }

    void remove(RoutingContext ctx) {
        String endpoint = endpoint(new Params(ctx));
        BootstrapDesk desk = desk();
        change(ctx, () -> desk.accounts().remove(endpoint), removed -> {
            if (removed) {
                answers.done(ctx);
            } else {
                answers.fail(ctx, unknown(endpoint));
            }
        });
    }

    void overrides(RoutingContext ctx) {
        Params params = new Params(ctx, "cursor", "limit");
        String after = params.cursor();
        int limit = params.limit();
        BootstrapDesk desk = desk();
        answers.read(ctx, () -> {
            List<Map.Entry<String, String>> page = desk.accounts().overrides().tailMap(after + "\0").entrySet().stream()
                    .limit(limit)
                    .toList();
            ObjectNode json = ApiJson.items(page, entry -> override(entry.getKey(), entry.getValue()));
            json.put(
                    "next",
                    page.size() < limit
                            ? ""
                            : Cursors.opaque(page.get(page.size() - 1).getKey()));
            return json;
        });
    }

    void override(RoutingContext ctx) {
        Params params = new Params(ctx);
        String endpoint = endpoint(params);
        Fields fields = Fields.of(params.body(true));
        String shard = fields.text("shard");
        BootstrapDesk desk = desk();
        if (fields.has("shard") && desk.server().ring().named(shard).isEmpty()) {
            fields.fault("shard: \"" + Problem.clean(shard) + "\" (expected: the name of a shard)");
        }
        fields.orRefuse();
        Call.of(ctx).note("shard", shard);
        change(
                ctx,
                () -> {
                    desk.accounts().override(endpoint, shard);
                    return shard;
                },
                done -> answers.send(ctx, 200, ApiJson.bytes(override(endpoint, done))));
    }

    void removeOverride(RoutingContext ctx) {
        String endpoint = endpoint(new Params(ctx));
        BootstrapDesk desk = desk();
        change(ctx, () -> desk.accounts().removeOverride(endpoint), removed -> {
            if (removed) {
                answers.done(ctx);
            } else {
                answers.fail(ctx, Problem.notFound("override", endpoint));
            }
        });
    }

    /** On a worker, since the change is forced to disk. */
    private <T> void change(RoutingContext ctx, Callable<T> change, java.util.function.Consumer<T> then) {
        answers.change(ctx, change).onSuccess(then::accept).onFailure(failure -> answers.fail(ctx, failure));
    }

    private BootstrapDesk desk() {
        return ports.bootstrap().orElseThrow(() -> new Problem(
                        404, "no-bootstrap-server", "no bootstrap server in this process (bootstrap.enabled)")
                .asException());
    }

    private static String endpoint(Params params) {
        return params.path("endpoint", Endpoint::new).name();
    }

    private static Problem unknown(String endpoint) {
        return Problem.notFound("bootstrap account", endpoint);
    }

    private static Account account(BootstrapDesk desk, String endpoint, JsonNode body) {
        Set<String> known = new HashSet<>(AccountJson.TERMS);
        known.add("labels");
        try {
            JsonNode kebab = renamed(body, BootstrapRoutes::kebab);
            AccountJson.requireKnown(kebab, known, "body");
            Account account = new Account(
                    endpoint,
                    AccountJson.terms(kebab, Terms.DEFAULT),
                    AccountJson.labels(kebab.path("labels")),
                    "api",
                    Optional.empty());
            for (Terms.Place place : account.terms().servers()) {
                if (!place.shard().isEmpty()
                        && desk.server().ring().named(place.shard()).isEmpty()) {
                    throw new IllegalArgumentException(
                            "shard: " + Problem.clean(place.shard()) + " (expected: the name of a shard)");
                }
            }
            return account;
        } catch (IllegalArgumentException e) {
            throw Problem.invalidBody(List.of(Problem.clean(String.valueOf(e.getMessage()))))
                    .asException();
        }
    }

    private static ObjectNode json(BootstrapDesk desk, Account account) {
        ObjectNode json = (ObjectNode) renamed(AccountJson.write(account), BootstrapRoutes::camel);
        Optional<Assignment> assignment = desk.server().assignment(account.endpoint());
        json.put("shard", assignment.map(found -> found.shard().name()).orElse(null));
        json.put(
                "shardBy",
                assignment
                        .map(found -> found.reason().name().toLowerCase(Locale.ROOT))
                        .orElse(null));
        return json;
    }

    private static ObjectNode override(String endpoint, String shard) {
        return ApiJson.object().put("endpoint", endpoint).put("shard", shard);
    }

    /** The same with other keys; the names of labels are their user's own. */
    private static JsonNode renamed(JsonNode node, UnaryOperator<String> name) {
        if (node.isObject()) {
            ObjectNode renamed = ApiJson.object();
            node.properties()
                    .forEach(entry -> renamed.set(
                            name.apply(entry.getKey()),
                            entry.getKey().equals("labels") ? entry.getValue() : renamed(entry.getValue(), name)));
            return renamed;
        } else if (node.isArray()) {
            ArrayNode renamed = ApiJson.object().arrayNode();
            node.forEach(item -> renamed.add(renamed(item, name)));
            return renamed;
        }
        return node;
    }

    private static String kebab(String camel) {
        return UPPER.matcher(camel).replaceAll(found -> "-" + found.group().toLowerCase(Locale.ROOT));
    }

    private static String camel(String kebab) {
        return DASH.matcher(kebab).replaceAll(found -> found.group(1).toUpperCase(Locale.ROOT));
    }
}
