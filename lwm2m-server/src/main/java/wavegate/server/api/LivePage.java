package wavegate.server.api;

import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import wavegate.firmware.pkg.Sha256;

/** The page at {@code /}: three files from the class path, held in memory, with headers that let them reach this server and nothing else. */
final class LivePage {
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
            + "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private LivePage() {}

    static void mount(Router router) {
        page(router, "/", "index.html", "text/html; charset=utf-8");
        page(router, "/ui/app.js", "app.js", "text/javascript; charset=utf-8");
        page(router, "/ui/view.js", "view.js", "text/javascript; charset=utf-8");
        page(router, "/ui/style.css", "style.css", "text/css; charset=utf-8");
        page(router, "/ui/icon.svg", "icon.svg", "image/svg+xml");
    }

    private static void page(Router router, String path, String resource, String type) {
        Buffer body = Buffer.buffer(bytes("/wavegate/ui/" + resource));
        String tag = "\"" + Sha256.of(body.getBytes()).hex().substring(0, 16) + "\"";
        router.get(path).handler(ctx -> serve(ctx, body, type, tag));
    }

    private static void serve(RoutingContext ctx, Buffer body, String type, String tag) {
        ctx.response()
                .putHeader("Content-Security-Policy", POLICY)
                .putHeader("Cache-Control", "no-cache")
                .putHeader("ETag", tag);
        if (tag.equals(ctx.request().getHeader("If-None-Match"))) {
            ctx.response().setStatusCode(304).end();
        } else {
            ctx.response().putHeader("Content-Type", type).end(body);
        }
    }

    static byte[] bytes(String resource) {
        try (InputStream in = LivePage.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("not on the class path: " + resource);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
