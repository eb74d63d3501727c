package wavegate.server.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** What a request says in its path, its query and its body, as values of the core. Every refusal names the value and what was expected. */
final class Params {
    private static final int MAX_LIMIT = 1000;
    private static final int DEFAULT_LIMIT = 100;

    private final RoutingContext ctx;

    /** @param allowed query parameters of this operation; any other is refused */
    Params(RoutingContext ctx, String... allowed) {
        this.ctx = ctx;
        for (String name : ctx.queryParams().names()) {
            if (!List.of(allowed).contains(name)) {
                String expected = allowed.length == 0 ? "no query parameters" : "one of " + String.join(", ", allowed);
                throw new Problem(
                                400,
                                "invalid-parameter",
                                "unknown query parameter \"" + Problem.clean(name) + "\" (expected: " + expected + ")")
                        .asException();
            }
        }
    }

    /** A value of the path, made by a constructor that checks it. */
    <T> T path(String name, Function<String, T> make) {
        String value = Optional.ofNullable(ctx.pathParam(name)).orElse("");
        try {
            return make.apply(value);
        } catch (IllegalArgumentException e) {
            throw new Problem(400, "invalid-parameter", name + ": " + e.getMessage()).asException();
        }
    }

    int wave() {
        return whole("n", Optional.ofNullable(ctx.pathParam("n")).orElse(""), 0, 1000);
    }

    int limit() {
        return one("limit").map(value -> whole("limit", value, 1, MAX_LIMIT)).orElse(DEFAULT_LIMIT);
    }

    String cursor() {
        return Cursors.read(one("cursor").orElse(""));
    }

    Optional<Integer> waveFilter() {
        return one("wave").map(value -> whole("wave", value, 0, 1000));
    }

    boolean flag(String name) {
        return one(name).map(value -> truth(name, value)).orElse(false);
    }

    /** All values given under a name; empty for none. */
    Set<String> all(String name) {
        return Set.copyOf(ctx.queryParam(name));
    }

    <E extends Enum<E>> Set<E> constants(String name, Class<E> type) {
        Set<E> set = EnumSet.noneOf(type);
        for (String value : ctx.queryParam(name)) {
            set.add(Fields.constant(type, value)
                    .orElseThrow(() -> Problem.invalidParameter(name, value, "one of " + Fields.constants(type))
                            .asException()));
        }
        return set;
    }

    /** A sentence of a human that must be there. */
    String reason() {
        String reason = one("reason").orElse("").strip();
        if (reason.isEmpty() || reason.length() > 500) {
            throw Problem.invalidParameter("reason", reason, "1 to 500 characters, why")
                    .asException();
        }
        return reason;
    }

    /** The body as JSON; an empty object where nothing was sent and {@code required} does not hold. */
    JsonNode body(boolean required) {
        Buffer buffer = Optional.ofNullable(ctx.body().buffer()).orElseGet(Buffer::buffer);
        if (buffer.length() == 0) {
            if (required) {
                throw new Problem(400, "malformed-body", "no body (expected: a JSON object)").asException();
            }
            return ApiJson.object();
        }
        String type =
                Optional.ofNullable(ctx.request().getHeader("Content-Type")).orElse("");
        if (!type.matches("(?i)application/json\\s*(;.*)?")) {
            throw new Problem(
                            415,
                            "unsupported-media-type",
                            "content type: \"" + Problem.clean(type) + "\" (expected: application/json)")
                    .asException();
        }
        try {
            JsonNode body = ApiJson.parse(buffer.getBytes());
            if (!body.isObject()) {
                throw new Problem(400, "malformed-body", "body: " + body.getNodeType() + " (expected: a JSON object)")
                        .asException();
            }
            return body;
        } catch (JsonProcessingException e) {
            throw new Problem(
                            400,
                            "malformed-body",
                            "body: " + Problem.clean(e.getOriginalMessage()) + " (expected: a JSON object)")
                    .asException();
        }
    }

    /** A value made by a constructor that checks it; empty if it was not given. */
    <T> Optional<T> made(String name, Function<String, T> make) {
        try {
            return one(name).map(make);
        } catch (IllegalArgumentException e) {
            throw new Problem(400, "invalid-parameter", Problem.clean(String.valueOf(e.getMessage()))).asException();
        }
    }

    private Optional<String> one(String name) {
        List<String> values = ctx.queryParam(name);
        if (values.size() > 1) {
            throw Problem.invalidParameter(name, String.join(",", values), "one value")
                    .asException();
        }
        return values.stream().findFirst();
    }

    private static int whole(String name, String value, int low, int high) {
        if (value.matches("\\d{1,9}")) {
            int number = Integer.parseInt(value);
            if (number >= low && number <= high) {
                return number;
            }
        }
        throw Problem.invalidParameter(name, value, "a whole number, " + low + " to " + high)
                .asException();
    }

    private static boolean truth(String name, String value) {
        return switch (value) {
            case "true", "" -> true;
            case "false" -> false;
            default ->
                throw Problem.invalidParameter(name, value, "true or false").asException();
        };
    }
}
