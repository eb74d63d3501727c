package wavegate.server.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.CredentialRefused;
import wavegate.bootstrap.credential.CredentialStore;
import wavegate.bootstrap.credential.StoredCredential;
import wavegate.bootstrap.credential.Use;
import wavegate.firmware.device.Endpoint;

/** {@code /credentials}. A key that is made here is in the answer to the call that had it made, and nowhere else. */
final class CredentialRoutes {
    private static final int MADE_KEY_BYTES = 16;

    private final CredentialStore store;
    private final Answers answers;
    private final Duration grace;
    private final SecureRandom random;

    CredentialRoutes(CredentialAccess access, Answers answers) {
        this.store = access.store();
        this.grace = access.grace();
        this.random = access.random();
        this.answers = answers;
    }

    void list(RoutingContext ctx) {
        Params params = new Params(ctx, "cursor", "limit");
        String cursor = params.cursor();
        int limit = params.limit();
        answers.read(ctx, () -> {
            List<StoredCredential> page = store.page(cursor, limit);
            ObjectNode json = ApiJson.items(page, CredentialJson::stored);
            boolean more = !page.isEmpty()
                    && !store.page(page.get(page.size() - 1).credential().endpoint(), 1)
                            .isEmpty();
            json.put(
                    "next",
                    more ? Cursors.opaque(page.get(page.size() - 1).credential().endpoint()) : "");
            return json;
        });
    }

    void get(RoutingContext ctx) {
        String endpoint = endpoint(ctx);
        answers.read(ctx, () -> of(endpoint));
    }

    /** Adds one; makes the key where none is given. */
    void add(RoutingContext ctx) {
        Fields fields = Fields.of(new Params(ctx).body(true));
        String endpoint = fields.text("endpoint");
        Use use = fields.constant("use", Use.class, Use.LWM2M);
        CredentialJson.Given given = CredentialJson.read(fields, endpoint, this::newKey);
        fields.orRefuse();
        Call.of(ctx).made("credentials/" + endpoint);
        keepOut(ctx, given);
        order(ctx, 201, () -> shown(store.put(use, given.credential()), given));
    }

    /** Makes it the endpoint's, whatever it has: added where it has none, rotated where it has another. */
    void put(RoutingContext ctx) {
        String endpoint = endpoint(ctx);
        Fields fields = Fields.of(new Params(ctx).body(true));
        Use use = fields.constant("use", Use.class, Use.LWM2M);
        Duration keep = fields.duration("grace", grace);
        CredentialJson.Given given = CredentialJson.read(fields, endpoint, CredentialJson.NO_KEY);
        fields.orRefuse();
        order(ctx, 200, () -> {
            Optional<StoredCredential> there = store.find(endpoint).stream()
                    .filter(stored -> stored.use() == use
                            && stored.state() != StoredCredential.State.REVOKED
                            && stored.credential().equals(given.credential()))
                    .findFirst();
            return shown(there.isPresent() ? there.get() : store.rotate(use, given.credential(), keep), given);
        });
    }

    void rotate(RoutingContext ctx) {
        String endpoint = endpoint(ctx);
        Fields fields = Fields.of(new Params(ctx).body(true));
        Use use = fields.constant("use", Use.class, Use.LWM2M);
        Duration keep = fields.duration("grace", grace);
        CredentialJson.Given given = CredentialJson.read(fields, endpoint, this::newKey);
        fields.orRefuse();
        keepOut(ctx, given);
        order(ctx, 200, () -> {
            if (!store.known(use, endpoint)) {
                throw new CredentialRefused(
                        CredentialRefused.Why.UNKNOWN, endpoint + ": has no credential (expected: one to rotate)");
            }
            return shown(store.rotate(use, given.credential(), keep), given);
        });
    }

    void revoke(RoutingContext ctx) {
        String endpoint = endpoint(ctx);
        Fields fields = Fields.of(new Params(ctx).body(true));
        List<Use> uses =
                fields.has("use") ? List.of(fields.constant("use", Use.class, Use.LWM2M)) : List.of(Use.values());
        String reason = fields.reason();
        Call.of(ctx).note("reason", reason);
        fields.orRefuse();
        order(ctx, 200, () -> {
            List<Use> good = uses.stream()
                    .filter(use -> !store.valid(use, endpoint).isEmpty())
                    .toList();
            if (good.isEmpty()) {
                throw new CredentialRefused(
                        CredentialRefused.Why.UNKNOWN, endpoint + ": has no credential (expected: one to revoke)");
            }
            for (Use use : good) {
                store.revoke(use, endpoint, reason);
            }
            return of(endpoint);
        });
    }

    /** Adds many, each line for itself. */
    void importLines(RoutingContext ctx) {
        Params params = new Params(ctx, "use");
        Use use = params.constants("use", Use.class).stream().findFirst().orElse(Use.LWM2M);
        String type = Optional.ofNullable(ctx.request().getHeader("Content-Type"))
                .orElse("")
                .toLowerCase(Locale.ROOT);
        if (!type.matches("(text/csv|application/x-ndjson)\\s*(;.*)?")) {
            throw new Problem(
                            415,
                            "unsupported-media-type",
                            "content type: \"" + Problem.clean(type)
                                    + "\" (expected: text/csv or application/x-ndjson)")
                    .asException();
        }
        String text = Optional.ofNullable(ctx.body().buffer())
                .orElseGet(Buffer::buffer)
                .toString(StandardCharsets.UTF_8);
        boolean csv = type.startsWith("text/csv");
        order(ctx, 200, () -> imported(use, CredentialLines.parse(text, csv)));
    }

    private ObjectNode imported(Use use, List<CredentialLines.Line> lines) throws IOException {
        List<Credential> good = new ArrayList<>();
        lines.forEach(line -> line.credential().ifPresent(good::add));
        List<Optional<CredentialRefused>> results = store.importAll(use, good);
        ObjectNode json = ApiJson.object();
        json.put("added", results.stream().filter(Optional::isEmpty).count());
        json.put(
                "refused",
                lines.size() - results.stream().filter(Optional::isEmpty).count());
        var refused = json.putArray("faults");
        int next = 0;
        for (CredentialLines.Line line : lines) {
            String fault = line.credential().isEmpty()
                    ? line.fault()
                    : results.get(next++).map(Throwable::getMessage).orElse("");
            if (!fault.isEmpty()) {
                refused.addObject().put("line", line.number()).put("fault", fault);
            }
        }
        return json;
    }

    private ObjectNode of(String endpoint) {
        List<StoredCredential> found = store.find(endpoint);
        if (found.isEmpty()) {
            throw Problem.notFound("credential", endpoint).asException();
        }
        ObjectNode json = ApiJson.items(found, CredentialJson::stored);
        json.put("endpoint", endpoint);
        return json;
    }

    private static ObjectNode shown(StoredCredential stored, CredentialJson.Given given) {
        ObjectNode json = CredentialJson.stored(stored);
        if (given.made() && given.credential() instanceof Credential.Psk psk) {
            json.put("key", HexFormat.of().formatHex(psk.key()));
        } else if (given.made() && given.credential() instanceof Credential.Oscore oscore) {
            json.put("key", HexFormat.of().formatHex(oscore.masterSecret()));
        }
        return json;
    }

    /** A key that was made goes into this answer, and into no memory of it. */
    private static void keepOut(RoutingContext ctx, CredentialJson.Given given) {
        if (given.made()) {
            Call.of(ctx).answeredWithSecret();
        }
    }

    private byte[] newKey() {
        byte[] key = new byte[MADE_KEY_BYTES];
        random.nextBytes(key);
        return key;
    }

    private static String endpoint(RoutingContext ctx) {
        return new Params(ctx).path("endpoint", Endpoint::new).name();
    }

    private void order(RoutingContext ctx, int status, Callable<JsonNode> work) {
        answers.change(ctx, status, () -> {
            try {
                return work.call();
            } catch (CredentialRefused e) {
                throw problem(e).asException();
            }
        });
    }

    private static Problem problem(CredentialRefused refused) {
        String detail = String.valueOf(refused.getMessage());
        return switch (refused.why()) {
            case EXISTS -> new Problem(409, "credential-exists", detail, List.of(), List.of("rotate", "revoke"));
            case UNKNOWN -> new Problem(404, "unknown-credential", detail);
            case TAKEN -> new Problem(409, "identity-taken", detail);
            case REVOKED -> new Problem(409, "credential-revoked", detail, List.of(), List.of("add"));
            case SAME -> new Problem(409, "same-credential", detail);
            case MALFORMED -> new Problem(422, "invalid-body", detail);
        };
    }
}
