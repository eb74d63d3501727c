package wavegate.server.delivery.http;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.server.delivery.PackageUris;
import wavegate.server.rollout.ArtifactStore.Artifact;
import wavegate.server.rollout.PullGrants.Grant;

/**
 * Serves {@code /fw/<token>} over HTTP/1.1, plain or with TLS, to GET and HEAD, whole or from where a device left off. Source: RFC 9110 13, 14.
 *
 * <pre>
 * 200  the image, with ETag (its digest)      206  the range asked for          304  the ETag is known
 * 403  the fence is up                        404  no open update has this token
 * 405  another method                         412  If-Match names another       416  the range lies beyond the end
 * 500  the artifact is damaged
 * </pre>
 *
 * A fence that rises in the midst of a response ends it: nothing more is dispatched, and the connection is closed after what was dispatched before,
 * at most {@link ImageResponse#MOST_QUEUED} and what the kernel holds. A device sees a body shorter than announced.
 */
public final class HttpImages implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpImages.class);
    private static final int LIMIT_SECONDS = 30;
    private static final int MAX_HEADER = 8192;
    private static final int MAX_LINE = 1024;
    /** What the kernel may still send after the fence has risen, besides what waits for it. */
    private static final int SEND_BUFFER = 64 << 10;

    private static final int TOKEN = 16;
    private static final Set<String> PROTOCOLS = Set.of("TLSv1.3", "TLSv1.2");

    private final ImageSource source;
    private final ImageListener listener;
    private final Vertx vertx = Vertx.vertx(new VertxOptions()
            .setEventLoopPoolSize(1)
            .setWorkerPoolSize(2)
            .setInternalBlockingPoolSize(1)
            .setFileSystemOptions(new FileSystemOptions().setFileCachingEnabled(false)));
    private final Context loop = vertx.getOrCreateContext();
    // All on the event loop.
    private final Map<HttpConnection, Long> waiting = new HashMap<>();
    private final Set<ImageResponse> open = new HashSet<>();
    private int connections;
    private List<FileTime> filesInForce = List.of();

    public HttpImages(ImageSource source, ImageListener listener) {
        this.source = source;
        this.listener = listener;
    }

    /**
     * Listens when it returns.
     *
     * @return the port, another than the configured one if that is 0
     * @throws IOException if the port cannot be bound, or the certificate not be used
     */
    public int start() throws IOException {
        HttpServerOptions options = new HttpServerOptions()
                .setHost(listener.host())
                .setPort(listener.port())
                .setMaxHeaderSize(MAX_HEADER)
                .setMaxInitialLineLength(MAX_LINE)
                .setHttp2ClearTextEnabled(false)
                .setUseAlpn(false)
                .setSendBufferSize(SEND_BUFFER)
                .setIdleTimeout((int) listener.idle().toMillis())
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS);
        if (listener.tls().isPresent()) {
            filesInForce = changed(listener.tls().get());
            options.setSsl(true)
                    .setKeyCertOptions(keys(listener.tls().get()))
                    .setEnabledSecureTransportProtocols(PROTOCOLS)
                    .setSslHandshakeTimeout(listener.headersWithin().toMillis())
                    .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
        }
        Future<HttpServer> listening =
                Future.future(promise -> loop.runOnContext(begin -> vertx.createHttpServer(options)
                        .connectionHandler(this::opened)
                        .requestHandler(this::handle)
                        .listen()
                        .onComplete(promise)));
        HttpServer server = await(listening);
        source.fence().onRaise(() -> loop.runOnContext(raised -> cutFenced()));
        listener.tls().ifPresent(tls -> vertx.setPeriodic(tls.reload().toMillis(), timer -> reload(server, tls)));
        LOG.info(
                "images listening host={} port={} tls={}",
                listener.host(),
                server.actualPort(),
                listener.tls().isPresent());
        return server.actualPort();
    }

    @Override
    public void close() {
        try {
            await(vertx.close());
        } catch (IOException e) {
            LOG.warn("image listener did not close cleanly", e);
        }
    }

    private static <T> T await(Future<T> future) throws IOException {
        try {
            return future.toCompletionStage().toCompletableFuture().get(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException e) {
            throw new IOException(String.valueOf(e.getMessage()), e);
        } catch (TimeoutException e) {
            throw new IOException("no answer after " + LIMIT_SECONDS + " s", e);
        }
    }

    // ---- connections

    private void opened(HttpConnection connection) {
        if (connections >= listener.connections()) {
            connection.close();
            return;
        }
        connections++;
        long timer = vertx.setTimer(listener.headersWithin().toMillis(), late -> connection.close());
        waiting.put(connection, timer);
        connection.closeHandler(closed -> {
            connections--;
            heard(connection);
        });
    }

    private void heard(HttpConnection connection) {
        Long timer = waiting.remove(connection);
        if (timer != null) {
            vertx.cancelTimer(timer);
        }
    }

    private void cutFenced() {
        List.copyOf(open).stream()
                .filter(response -> source.fence().isUp(response.grant().scope()))
                .forEach(ImageResponse::cut);
    }

    // ---- requests

    private void handle(HttpServerRequest request) {
        heard(request.connection());
        HttpServerResponse response = request.response();
        String path = request.path();
        boolean image =
                path != null && path.startsWith(PackageUris.PATH) && path.length() == PackageUris.PATH.length() + TOKEN;
        String token = image ? path.substring(PackageUris.PATH.length()) : "";
        Optional<Grant> grant = image ? source.grants().grant(token) : Optional.empty();
        if (grant.isEmpty()) {
            response.setStatusCode(404).end();
        } else if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
            response.setStatusCode(405).putHeader("Allow", "GET, HEAD").end();
        } else if (source.fence().isUp(grant.get().scope())) {
            response.setStatusCode(403).end();
        } else {
            source.images()
                    .open(grant.get().artifact())
                    .whenComplete((artifact, failure) -> loop.runOnContext(opened -> {
                        if (failure == null) {
                            answer(request, token, grant.get(), artifact);
                        } else {
                            LOG.error(
                                    "pull {} image={} unreadable",
                                    grant.get().update(),
                                    grant.get().artifact(),
                                    failure);
                            response.setStatusCode(500).end();
                        }
                    }));
        }
    }

    private void answer(HttpServerRequest request, String token, Grant grant, Artifact image) {
        HttpServerResponse response = request.response();
        if (response.closed()) {
            return;
        }
        String etag = "\"" + image.digest().hex() + "\"";
        response.putHeader("ETag", etag)
                .putHeader("Accept-Ranges", "bytes")
                .putHeader("Cache-Control", "private, no-transform");
        String match = request.getHeader("If-Match");
        if (match != null && !names(match, etag)) {
            response.setStatusCode(412).end();
            return;
        }
        String noneMatch = request.getHeader("If-None-Match");
        if (noneMatch != null && names(noneMatch, etag)) {
            response.setStatusCode(304).end();
            return;
        }
        ByteRange range;
        try {
            range = range(request, etag, image.sizeBytes());
        } catch (ByteRange.Unsatisfiable e) {
            response.setStatusCode(416)
                    .putHeader("Content-Range", "bytes */" + image.sizeBytes())
                    .end();
            return;
        }
        response.putHeader("Content-Type", "application/octet-stream")
                .putHeader("Content-Length", String.valueOf(range.length()));
        if (range.length() < image.sizeBytes()) {
            response.setStatusCode(206)
                    .putHeader(
                            "Content-Range",
                            "bytes " + range.from() + "-" + (range.end() - 1) + "/" + image.sizeBytes());
        }
        if (request.method().equals(HttpMethod.HEAD)) {
            response.end();
            return;
        }
        ImageResponse body = new ImageResponse(vertx, source, request, token, grant, image, range);
        open.add(body);
        response.closeHandler(closed -> done(body));
        response.endHandler(ended -> done(body));
        response.exceptionHandler(lost -> done(body));
        body.begin();
    }

    private void done(ImageResponse body) {
        body.ended();
        open.remove(body);
    }

    /** All where there is no range, or where it was asked for under the ETag of another image. */
    private static ByteRange range(HttpServerRequest request, String etag, long size) throws ByteRange.Unsatisfiable {
        String asked = request.getHeader("Range");
        String ifRange = request.getHeader("If-Range");
        boolean wanted = asked != null
                && request.method().equals(HttpMethod.GET)
                && (ifRange == null || ifRange.strip().equals(etag));
        return wanted ? ByteRange.parse(asked, size).orElse(ByteRange.all(size)) : ByteRange.all(size);
    }

    private static boolean names(String header, String etag) {
        return header.strip().equals("*") || List.of(header.split("\\s*,\\s*")).contains(etag);
    }

    // ---- TLS

    private static PemKeyCertOptions keys(ImageListener.Tls tls) {
        return new PemKeyCertOptions()
                .addCertPath(tls.certificate().toString())
                .addKeyPath(tls.key().toString());
    }

    private static List<FileTime> changed(ImageListener.Tls tls) throws IOException {
        return List.of(Files.getLastModifiedTime(tls.certificate()), Files.getLastModifiedTime(tls.key()));
    }

    private void reload(HttpServer server, ImageListener.Tls tls) {
        vertx.executeBlocking(() -> changed(tls)).onSuccess(now -> {
            if (now.equals(filesInForce)) {
                return;
            }
            filesInForce = now;
            server.updateSSLOptions(new ServerSSLOptions()
                            .setKeyCertOptions(keys(tls))
                            .setEnabledSecureTransportProtocols(PROTOCOLS)
                            .setSslHandshakeTimeout(listener.headersWithin().toMillis())
                            .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS))
                    .onSuccess(done -> LOG.info("certificate of images reloaded file={}", tls.certificate()))
                    .onFailure(failure -> LOG.warn(
                            "certificate of images not reloaded, the one before stays why=\"{}\"",
                            failure.getMessage()));
        });
    }
}
