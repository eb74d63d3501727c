package wavegate.server.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.openapi.contract.OpenAPIContract;
import io.vertx.openapi.contract.Operation;
import java.util.List;
import wavegate.server.api.access.Role;

/** The OpenAPI document: what routes there are, which role each needs, and whether it changes anything. The only place that says so. */
final class ApiDocument {
    static final String BASE = "/api/v1";

    private final OpenAPIContract contract;

    private ApiDocument(OpenAPIContract contract) {
        this.contract = contract;
    }

    static byte[] bytes() {
        return LivePage.bytes("/wavegate/api/openapi.yaml");
    }

    /** Fails if the document cannot be used, or an operation in it names no role. */
    static Future<ApiDocument> read(Vertx vertx) {
        return vertx.executeBlocking(() -> {
                    JsonNode tree = new ObjectMapper(new YAMLFactory()).readTree(bytes());
                    withoutAnswers(tree);
                    return new JsonObject(Buffer.buffer(ApiJson.bytes(tree)));
                })
                .compose(json -> OpenAPIContract.from(vertx, json))
                .map(contract -> {
                    contract.operations().forEach(ApiDocument::role);
                    return new ApiDocument(contract);
                });
    }

    /** The router refuses a document with media types it does not know, such as problem+json; routes do not depend on them. */
    private static void withoutAnswers(JsonNode node) {
        node.properties().forEach(entry -> {
            if (entry.getKey().equals("responses")) {
                entry.getValue().forEach(answer -> ((ObjectNode) answer).remove("content"));
            } else if (entry.getKey().equals("requestBody")
                    && entry.getValue().get("content") instanceof ObjectNode content
                    && (content.has("text/csv") || content.has("application/x-ndjson"))) {
                content.removeAll();
                content.putObject("application/octet-stream");
            } else {
                withoutAnswers(entry.getValue());
            }
        });
        if (node.isArray()) {
            node.forEach(ApiDocument::withoutAnswers);
        }
    }

    OpenAPIContract contract() {
        return contract;
    }

    /** The least role that may call an operation: its {@code x-wavegate-role}. */
    static Role role(Operation operation) {
        String label = operation.getOpenAPIModel().getString("x-wavegate-role", "");
        return Role.of(label)
                .orElseThrow(() -> new IllegalStateException("openapi.yaml: operation " + operation.getOperationId()
                        + " has x-wavegate-role \"" + label + "\" (expected: one of " + Role.labels() + ")"));
    }

    /** Whether an operation changes anything: all that are no GET do, unless {@code x-wavegate-changes} says otherwise. */
    static boolean changes(Operation operation) {
        return !operation.getHttpMethod().equals(HttpMethod.GET)
                && operation.getOpenAPIModel().getBoolean("x-wavegate-changes", true);
    }

    /** The methods that do at a path; empty if there is no such path. */
    List<String> methods(String path) {
        if (path.startsWith(BASE + "/")) {
            String[] asked = path.substring(BASE.length()).split("/", -1);
            return contract.operations().stream()
                    .filter(operation -> matches(operation, asked))
                    .map(operation -> operation.getHttpMethod().name())
                    .sorted()
                    .toList();
        }
        if (path.equals(TerminalRoutes.CHECK)) {
            return List.of("POST");
        }
        return List.of("/", "/healthz", "/readyz", "/metrics", "/openapi.yaml", TerminalRoutes.DOCUMENT)
                        .contains(path)
                ? List.of("GET")
                : List.of();
    }

    private static boolean matches(Operation operation, String[] asked) {
        String[] template = operation.getOpenAPIPath().split("/", -1);
        if (template.length != asked.length) {
            return false;
        }
        for (int i = 0; i < asked.length; i++) {
            if (!template[i].startsWith("{") && !template[i].equals(asked[i])) {
                return false;
            }
        }
        return true;
    }
}
