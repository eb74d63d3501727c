package wavegate.server.api;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.ext.web.Router;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.config.HttpSettings;
import wavegate.firmware.pkg.Sha256;

/**
 * The socket of the API, with TLS where that is configured. A changed certificate serves connections that come after it was read; those that are
 * open go on. One that cannot be used is reported, once, and the one before stays.
 */
final class Listener {
    private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
    private static final int IDLE_SECONDS = 90;
    private static final int MAX_LINE = 8192;
    private static final Set<String> PROTOCOLS = Set.of("TLSv1.3", "TLSv1.2");

    private final Vertx vertx;
    private final HttpSettings settings;
    private final TlsFiles files;
    private Optional<Sha256> inForce = Optional.empty();
    private String complaint = "";

    Listener(Vertx vertx, HttpSettings settings) {
        this.vertx = vertx;
        this.settings = settings;
        this.files = new TlsFiles(settings.tls());
    }

    Future<HttpServer> listen(Router router, ConnectionGuard guard) {
        HttpServerOptions options = new HttpServerOptions()
                .setHost(settings.host())
                .setPort(settings.port())
                .setMaxHeaderSize((int) settings.limits().maxHeaders().bytes())
                .setMaxInitialLineLength(MAX_LINE)
                // One protocol to reason about; the page and the command line need no other.
                .setHttp2ClearTextEnabled(false)
                .setUseAlpn(false)
                .setIdleTimeout(IDLE_SECONDS)
                .setIdleTimeoutUnit(TimeUnit.SECONDS);
        if (!settings.tls().enabled()) {
            return open(options, router, guard);
        }
        return vertx.executeBlocking(files::read).compose(pair -> {
            inForce = Optional.of(pair.digest());
            options.setSsl(true)
                    .setKeyCertOptions(pair.options())
                    .setEnabledSecureTransportProtocols(PROTOCOLS)
                    .setSslHandshakeTimeout(settings.limits().headersWithin().toMillis())
                    .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
            return open(options, router, guard)
                    .onSuccess(
                            server -> vertx.setPeriodic(settings.tls().reload().toMillis(), timer -> look(server)));
        });
    }

    private Future<HttpServer> open(HttpServerOptions options, Router router, ConnectionGuard guard) {
        return vertx.createHttpServer(options)
                .connectionHandler(guard::opened)
                .requestHandler(request -> {
                    if (guard.admits(request)) {
                        router.handle(request);
                    }
                })
                .listen();
    }

    private void look(HttpServer server) {
        reading()
                .compose(pair -> inForce.filter(pair.digest()::equals).isPresent()
                        ? Future.succeededFuture()
                        : replace(server, pair))
                .onSuccess(done -> complaint = "")
                .onFailure(failure -> {
                    String now = String.valueOf(failure.getMessage());
                    if (!now.equals(complaint)) {
                        complaint = now;
                        LOG.warn("certificate not reloaded, the one before stays why=\"{}\"", now);
                    }
                });
    }

    private Future<TlsFiles.Pair> reading() {
        try {
            return vertx.executeBlocking(files::read);
        } catch (RejectedExecutionException e) {
            // The timer of a server that is closing.
            return Future.failedFuture("closing");
        }
    }

    private Future<Void> replace(HttpServer server, TlsFiles.Pair pair) {
        PemKeyCertOptions keys = pair.options();
        return server.updateSSLOptions(new ServerSSLOptions()
                        .setKeyCertOptions(keys)
                        .setEnabledSecureTransportProtocols(PROTOCOLS)
                        .setSslHandshakeTimeout(
                                settings.limits().headersWithin().toMillis())
                        .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS))
                .map(changed -> {
                    inForce = Optional.of(pair.digest());
                    LOG.info("certificate reloaded subject=\"{}\"", pair.subject());
                    return null;
                });
    }
}
