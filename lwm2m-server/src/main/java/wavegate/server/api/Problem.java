package wavegate.server.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import wavegate.server.rollout.OrderRefused;

/**
 * An error as RFC 9457 says it. {@code code} is stable, kebab-case, and ends the document's type.
 *
 * @param detail what was wrong, with the value and what was expected
 * @param errors each fault of a body that has several
 * @param allowedActions what could be done instead; empty where that is no question
 */
record Problem(int status, String code, String detail, List<String> errors, List<String> allowedActions) {
    static final String CONTENT_TYPE = "application/problem+json";

    /** Leaves a handler with a problem as its answer. */
    static final class Refusal extends RuntimeException {
        private final transient Problem problem;

        Refusal(Problem problem) {
            super(problem.detail(), null, false, false);
            this.problem = problem;
        }

        Problem problem() {
            return problem;
        }
    }

    Problem {
        errors = List.copyOf(errors);
        allowedActions = List.copyOf(allowedActions);
    }

    Problem(int status, String code, String detail) {
        this(status, code, detail, List.of(), List.of());
    }

    static Problem invalidParameter(String name, String value, String expected) {
        return new Problem(400, "invalid-parameter", name + ": \"" + clean(value) + "\" (expected: " + expected + ")");
    }

    static Problem invalidBody(List<String> faults) {
        return new Problem(422, "invalid-body", String.join("; ", faults), faults, List.of());
    }

    static Problem notFound(String what, String name) {
        return new Problem(404, "unknown-" + what, "no " + what.replace('-', ' ') + " \"" + clean(name) + "\"");
    }

    static Problem of(OrderRefused refused) {
        int status =
                switch (refused.kind()) {
                    case NOT_FOUND -> 404;
                    case CONFLICT -> 409;
                    case CHANGED -> 412;
                    case INVALID -> 422;
                };
        return new Problem(status, refused.code(), String.valueOf(refused.getMessage()));
    }

    Problem allowing(List<String> actions) {
        return new Problem(status, code, detail, errors, actions);
    }

    Refusal asException() {
        return new Refusal(this);
    }

    ObjectNode toJson() {
        ObjectNode json = ApiJson.object();
        json.put("type", "urn:wavegate:problem:" + code);
        json.put("title", code.replace('-', ' '));
        json.put("status", status);
        json.put("detail", detail);
        if (!errors.isEmpty()) {
            errors.forEach(json.putArray("errors")::add);
        }
        if (status == 409) {
            allowedActions.forEach(json.putArray("allowedActions")::add);
        }
        return json;
    }

    /** What a client sent, fit to be sent back. */
    static String clean(String text) {
        String head = text.length() > 200 ? text.substring(0, 200) + "..." : text;
        return head.replaceAll("[^\\x20-\\x7e]", "?");
    }
}
