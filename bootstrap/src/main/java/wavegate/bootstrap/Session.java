package wavegate.bootstrap;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.core.node.codec.CodecException;
import org.eclipse.leshan.core.peer.LwM2mPeer;
import org.eclipse.leshan.core.request.BootstrapDeleteRequest;
import org.eclipse.leshan.core.request.BootstrapDiscoverRequest;
import org.eclipse.leshan.core.request.BootstrapDownlinkRequest;
import org.eclipse.leshan.core.request.BootstrapFinishRequest;
import org.eclipse.leshan.core.request.BootstrapReadRequest;
import org.eclipse.leshan.core.request.BootstrapWriteRequest;
import org.eclipse.leshan.core.request.exception.InvalidResponseException;
import org.eclipse.leshan.core.response.BootstrapDiscoverResponse;
import org.eclipse.leshan.core.response.BootstrapReadResponse;
import org.eclipse.leshan.core.response.LwM2mResponse;
import org.eclipse.leshan.server.bootstrap.DefaultBootstrapSession;
import org.eclipse.leshan.server.bootstrap.request.BootstrapDownlinkRequestSender;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.bootstrap.Provisioning.Provided;
import wavegate.bootstrap.SessionHandler.Surroundings;
import wavegate.bootstrap.account.Account;
import wavegate.bootstrap.plan.Dialogue;
import wavegate.bootstrap.plan.Dialogue.Answer;
import wavegate.bootstrap.plan.Dialogue.Move;
import wavegate.bootstrap.plan.Discovered;
import wavegate.bootstrap.plan.Step;

/** Carries one dialogue over the wire. Answers come on CoAP threads, keys from a worker, the end perhaps from a timer: each takes the lock. */
final class Session {
    private static final Logger LOG = LoggerFactory.getLogger(Session.class);

    private final SessionHandler handler;
    private final Surroundings around;
    private final BootstrapDownlinkRequestSender sender;
    private final DefaultBootstrapSession leshan;
    private final Account account;
    private final Dialogue dialogue = new Dialogue(true);
    private final long startedNanos = System.nanoTime();
    private int asked;
    private boolean ended;
    private @Nullable Provided provided;
    private @Nullable Future<?> expiry;

    Session(
            SessionHandler handler,
            Surroundings around,
            BootstrapDownlinkRequestSender sender,
            DefaultBootstrapSession leshan,
            Account account) {
        this.handler = handler;
        this.around = around;
        this.sender = sender;
        this.leshan = leshan;
        this.account = account;
    }

    Account account() {
        return account;
    }

    LwM2mPeer peer() {
        return leshan.getClientTransportData();
    }

    synchronized List<String> written() {
        return dialogue.written();
    }

    synchronized List<String> notes() {
        return dialogue.notes();
    }

    /** Numbers of its Security and Server instances before. */
    synchronized String had() {
        Discovered device = dialogue.device();
        return device.extent() == Discovered.Extent.NOTHING
                ? "not discovered"
                : "/0 " + device.instancesOf(0) + " /1 " + device.instancesOf(1);
    }

    long tookMillis() {
        return (System.nanoTime() - startedNanos) / 1_000_000;
    }

    synchronized void expiresBy(Future<?> timer) {
        expiry = timer;
        if (ended) {
            timer.cancel(false);
        }
    }

    synchronized void begin() {
        if (!ended) {
            take(dialogue.begin());
        }
    }

    /** The device has begun another. */
    void replaced() {
        stop("the device began another session");
    }

    void expired() {
        stop("not done in time");
    }

    private void stop(String reason) {
        synchronized (this) {
            if (ended) {
                return;
            }
            take(new Dialogue.Failed(reason));
        }
        sender.cancelOngoingRequests(leshan);
    }

    /** Holds the lock. */
    private void take(Move move) {
        if (move instanceof Dialogue.Discover discover) {
            send(
                    discover.object().isPresent()
                            ? new BootstrapDiscoverRequest(discover.object().getAsInt())
                            : new BootstrapDiscoverRequest());
        } else if (move instanceof Dialogue.Read read) {
            send(new BootstrapReadRequest(leshan.getContentFormat(), read.object()));
        } else if (move instanceof Dialogue.Perform perform) {
            send(request(perform.step()));
        } else if (move instanceof Dialogue.Finish) {
            send(new BootstrapFinishRequest());
        } else if (move instanceof Dialogue.Prepare) {
            prepare();
        } else if (move instanceof Dialogue.Done) {
            end();
            handler.completed(this, java.util.Objects.requireNonNull(provided));
        } else if (move instanceof Dialogue.Failed failed) {
            end();
            handler.failed(this, failed.reason());
        }
    }

    private void end() {
        ended = true;
        if (expiry != null) {
            expiry.cancel(false);
        }
    }

    private BootstrapDownlinkRequest<? extends LwM2mResponse> request(Step step) {
        if (step instanceof Step.Write write) {
            return new BootstrapWriteRequest(
                    new LwM2mPath(write.object(), write.instance()),
                    WireNodes.instance(write),
                    leshan.getContentFormat());
        }
        return new BootstrapDeleteRequest(((Step.Delete) step).object());
    }

    private void prepare() {
        try {
            around.workers()
                    .execute(() -> around.provisioning().prepare(account).whenComplete(this::prepared));
        } catch (RejectedExecutionException e) {
            take(new Dialogue.Failed("the server is closing"));
        }
    }

    private void prepared(@Nullable Provided made, @Nullable Throwable failure) {
        synchronized (this) {
            if (ended) {
                return;
            }
            if (made == null) {
                Throwable cause = failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
                LOG.warn("bootstrap ep={} cannot be given its servers: {}", account.endpoint(), String.valueOf(cause));
                take(new Dialogue.Failed("its servers could not be told: "
                        + (cause == null ? "" : cause.getClass().getSimpleName())));
                return;
            }
            provided = made;
            take(dialogue.prepared(made.accounts()));
        }
    }

    private <T extends LwM2mResponse> void send(BootstrapDownlinkRequest<T> request) {
        int number = ++asked;
        try {
            sender.send(
                    leshan,
                    request,
                    around.limits().answer().toMillis(),
                    response -> answered(number, response),
                    error -> broken(number, request, error));
        } catch (RuntimeException e) {
            LOG.warn("bootstrap ep={} {} could not be sent", account.endpoint(), request.getPath(), e);
            take(dialogue.unanswered("request could not be sent"));
        }
    }

    private void answered(int number, LwM2mResponse response) {
        synchronized (this) {
            if (ended || number != asked) {
                return;
            }
            try {
                take(dialogue.answered(answer(response)));
            } catch (RuntimeException e) {
                LOG.warn("bootstrap ep={} ended by an answer that was not expected", account.endpoint(), e);
                take(new Dialogue.Failed("an answer that cannot be read"));
            }
        }
    }

    private void broken(int number, BootstrapDownlinkRequest<?> request, Exception error) {
        synchronized (this) {
            if (ended || number != asked) {
                return;
            }
            boolean unreadable = error instanceof InvalidResponseException || error instanceof CodecException;
            LOG.debug("bootstrap ep={} {}: {}", account.endpoint(), request.getPath(), error.toString());
            take(
                    unreadable
                            ? dialogue.answered(Answer.of(0))
                            : dialogue.unanswered(request.getClass().getSimpleName() + " " + request.getPath()));
        }
    }

    private static Answer answer(LwM2mResponse response) {
        int code = response.getCode().getCode();
        if (response instanceof BootstrapDiscoverResponse && response.getCoapResponse() instanceof Response coap) {
            return Answer.discovered(code, new String(coap.getPayload(), StandardCharsets.UTF_8));
        } else if (response instanceof BootstrapReadResponse read && read.isSuccess()) {
            return new Answer(code, "", WireNodes.shortServerIds(read.getContent()));
        }
        return Answer.of(code);
    }
}
