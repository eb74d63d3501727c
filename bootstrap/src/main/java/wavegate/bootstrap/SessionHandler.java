package wavegate.bootstrap;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.leshan.core.ResponseCode;
import org.eclipse.leshan.core.model.LwM2mModel;
import org.eclipse.leshan.core.peer.IpPeer;
import org.eclipse.leshan.core.peer.LwM2mPeer;
import org.eclipse.leshan.core.request.BootstrapRequest;
import org.eclipse.leshan.core.response.BootstrapResponse;
import org.eclipse.leshan.core.response.SendableResponse;
import org.eclipse.leshan.server.bootstrap.BootstrapHandler;
import org.eclipse.leshan.server.bootstrap.DefaultBootstrapSession;
import org.eclipse.leshan.server.bootstrap.request.BootstrapDownlinkRequestSender;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.bootstrap.BootstrapCounters.Event;
import wavegate.bootstrap.Provisioning.Provided;
import wavegate.bootstrap.account.Account;
import wavegate.bootstrap.account.Accounts;

/**
 * Takes Bootstrap-Requests and keeps the sessions they begin, one for each device: another request of a device ends the session before it.
 * Decides on CoAP threads without waiting for anything; keys are made and accounts written on the workers.
 */
final class SessionHandler implements BootstrapHandler {
    private static final Logger LOG = LoggerFactory.getLogger(SessionHandler.class);
    private static final ResponseCode UNAVAILABLE = new ResponseCode(503, "SERVICE_UNAVAILABLE");

    /**
     * What all sessions share.
     *
     * @param spending ends credentials for a single use
     */
    record Surroundings(
            Accounts accounts,
            Provisioning provisioning,
            BootstrapCounters counters,
            BootstrapAudit audit,
            BootstrapSettings.Limits limits,
            Executor workers,
            ScheduledExecutorService timers,
            SingleUse spending) {}

    private final Surroundings around;
    private final DeviceProof proof;
    private final Admission admission;
    private final BootstrapDownlinkRequestSender sender;
    private final LwM2mModel model = WireNodes.model();
    private final Map<String, Session> open = new ConcurrentHashMap<>();
    private final Map<InetSocketAddress, Session> byAddress = new ConcurrentHashMap<>();

    SessionHandler(Surroundings around, DeviceProof proof, BootstrapDownlinkRequestSender sender) {
        this.around = around;
        this.proof = proof;
        this.admission = new Admission(around.limits());
        this.sender = sender;
    }

    int openSessions() {
        return open.size();
    }

    /** Whether a device at that address has a session open. Any thread. */
    boolean inSession(InetSocketAddress address) {
        return byAddress.containsKey(address);
    }

    @Override
    public SendableResponse<BootstrapResponse> bootstrap(LwM2mPeer peer, BootstrapRequest request, URI endpointUsed) {
        String endpoint = request.getEndpointName();
        if (endpoint == null || !Account.isEndpoint(endpoint)) {
            return refused(Event.MALFORMED, ResponseCode.BAD_REQUEST, "ep: 1 to 64 of A-Z a-z 0-9 : . _ -");
        }
        Optional<Account> account =
                around.accounts().findOrImagine(endpoint).filter(known -> proof.holds(known, peer.getIdentity()));
        if (account.isEmpty()) {
            return refused(Event.FOREIGN, ResponseCode.FORBIDDEN, "not an endpoint of yours");
        } else if (around.provisioning().revoked(account.get())) {
            return refused(Event.REVOKED, ResponseCode.FORBIDDEN, "revoked");
        }
        switch (admission.ask(endpoint, open.size(), System.nanoTime())) {
            case DEVICE_TOO_OFTEN:
                return refused(Event.TOO_OFTEN, UNAVAILABLE, "too often");
            case TOO_MANY, TOO_MANY_OPEN:
                return refused(Event.BUSY, UNAVAILABLE, "busy");
            case ADMITTED:
                break;
        }
        DefaultBootstrapSession leshan = new DefaultBootstrapSession(request, peer, true, Map.of(), endpointUsed);
        leshan.setModel(model);
        Session session = new Session(this, around, sender, leshan, account.get());
        if (peer instanceof IpPeer ip) {
            byAddress.put(ip.getSocketAddress(), session);
        }
        Session before = open.put(endpoint, session);
        if (before != null) {
            before.replaced();
        }
        around.counters().count(Event.STARTED);
        return new SendableResponse<>(BootstrapResponse.success(), () -> begin(session));
    }

    private void begin(Session session) {
        try {
            session.expiresBy(around.timers()
                    .schedule(session::expired, around.limits().session().toMillis(), TimeUnit.MILLISECONDS));
            session.begin();
        } catch (RejectedExecutionException e) {
            LOG.debug("bootstrap is closing");
        }
    }

    private SendableResponse<BootstrapResponse> refused(Event why, ResponseCode code, String message) {
        around.counters().count(why);
        LOG.debug("bootstrap request refused: {}", why);
        return new SendableResponse<>(new BootstrapResponse(code, message));
    }

    /** On a CoAP thread or a timer's. */
    void completed(Session session, Provided provided) {
        around.spending().told(session.account(), provided);
        leave(session, () -> {
            around.provisioning().finished(session.account(), provided);
            boolean spent = around.spending().finished(session.account(), provided);
            around.counters().count(Event.COMPLETED);
            LOG.info(
                    "bootstrapped ep={} servers={} took={}ms",
                    session.account().endpoint(),
                    provided.servers(),
                    session.tookMillis());
            Map<String, String> details = details(session, "completed");
            details.put("servers", String.join(" ", provided.servers()));
            details.put("notes", String.join("; ", session.notes()));
            details.put("bootstrapCredential", spent ? "revoked, single use" : "kept");
            around.audit()
                    .record("device", "bootstrap.session", session.account().endpoint(), details);
        });
    }

    void failed(Session session, String reason) {
        leave(session, () -> {
            around.counters().count(Event.FAILED);
            LOG.info("bootstrap ep={} failed reason=\"{}\"", session.account().endpoint(), reason);
            Map<String, String> details = details(session, "failed");
            details.put("reason", reason);
            around.audit()
                    .record("device", "bootstrap.session", session.account().endpoint(), details);
        });
    }

    private interface Ending {
        void run() throws IOException;
    }

    private void leave(Session session, Ending ending) {
        try {
            around.workers().execute(() -> {
                try {
                    ending.run();
                } catch (IOException | RuntimeException e) {
                    around.counters().count(Event.FAILED);
                    LOG.error(
                            "bootstrap ep={}: its end could not be recorded",
                            session.account().endpoint(),
                            e);
                } finally {
                    forget(session);
                }
            });
        } catch (RejectedExecutionException e) {
            forget(session);
        }
    }

    private void forget(Session session) {
        open.remove(session.account().endpoint(), session);
        if (session.peer() instanceof IpPeer ip) {
            byAddress.remove(ip.getSocketAddress(), session);
        }
    }

    private static Map<String, String> details(Session session, String outcome) {
        Map<String, String> details = new TreeMap<>();
        details.put("outcome", outcome);
        details.put("address", address(session.peer()));
        details.put(
                "identity",
                session.peer()
                        .getIdentity()
                        .getClass()
                        .getSimpleName()
                        .replace("Identity", "")
                        .toLowerCase(Locale.ROOT));
        details.put("had", session.had());
        details.put("written", String.join(" ", session.written()));
        details.put("tookMillis", Long.toString(session.tookMillis()));
        return details;
    }

    private static String address(LwM2mPeer peer) {
        InetSocketAddress at = peer instanceof IpPeer ip ? ip.getSocketAddress() : null;
        return at == null || at.getAddress() == null ? "" : at.getAddress().getHostAddress() + ":" + at.getPort();
    }
}
