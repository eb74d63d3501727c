package wavegate.server.registration.oscore;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Token;
import org.eclipse.californium.oscore.CoapOSException;
import org.eclipse.californium.oscore.ErrorDescriptions;
import org.eclipse.californium.oscore.OSCoreCtx;
import org.eclipse.californium.oscore.OSCoreCtxDB;
import org.eclipse.californium.oscore.OSException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.CredentialChange;
import wavegate.bootstrap.credential.CredentialStore;
import wavegate.bootstrap.credential.Use;

/**
 * The contexts of devices that have an OSCORE credential now, made when they are first asked for. What the library would find by token it is
 * given by the layer instead: tokens are of the peers' choosing, and one device could choose another's. Thread-safe.
 */
final class OscoreContexts implements OSCoreCtxDB {
    private static final Logger LOG = LoggerFactory.getLogger(OscoreContexts.class);

    /** Of the step that runs on a thread now. */
    private static final ThreadLocal<@Nullable OSCoreCtx> CURRENT = new ThreadLocal<>();

    private final CredentialStore credentials;
    private final OscoreSequences sequences;
    private final Function<InetSocketAddress, Optional<byte[]>> recipientIdAt;
    private final Map<String, GuardedContext> contexts = new ConcurrentHashMap<>();

    /** @param recipientIdAt of the device that is registered from an address by OSCORE */
    OscoreContexts(
            CredentialStore credentials,
            OscoreSequences sequences,
            Function<InetSocketAddress, Optional<byte[]>> recipientIdAt) {
        this.credentials = credentials;
        this.sequences = sequences;
        this.recipientIdAt = recipientIdAt;
        credentials.addListener(this::changed);
    }

    /** Does a step of the library's with the context it is to find by token. */
    void during(@Nullable OSCoreCtx context, Runnable step) {
        OSCoreCtx outer = CURRENT.get();
        CURRENT.set(context);
        try {
            step.run();
        } finally {
            CURRENT.set(outer);
        }
    }

    @Override
    public @Nullable OSCoreCtx getContext(byte[] recipientId) {
        // Looked up while nobody else changes the entry: a credential that ends meanwhile takes its context along.
        return contexts.compute(HexFormat.of().formatHex(recipientId), (id, before) -> {
            Optional<Credential.Oscore> credential = credentials.byRecipientId(Use.LWM2M, recipientId);
            if (credential.isEmpty()) {
                return null;
            }
            return before != null && before.credential().equals(credential.get()) ? before : made(credential.get());
        });
    }

    /** Contexts in memory. */
    int count() {
        return contexts.size();
    }

    private void changed(CredentialChange change) {
        if (change.use() == Use.LWM2M && change.ends() && change.credential() instanceof Credential.Oscore ended) {
            contexts.computeIfPresent(
                    HexFormat.of().formatHex(ended.recipientId()),
                    (id, there) -> there.credential().equals(ended) ? null : there);
            if (isLikeThoseOfBootstrap(ended)) {
                sequences.drop(GuardedContext.idOf(ended));
            }
        }
    }

    /**
     * Whether its ids are long, random ones, which are never given again. An operator chooses theirs, and could put the same key back: its
     * numbers have to be there then.
     */
    private static boolean isLikeThoseOfBootstrap(Credential.Oscore credential) {
        return credential.recipientId().length == 7
                && Arrays.equals(credential.senderId(), new byte[] {1})
                && credential.masterSecret().length == 16
                && credential.masterSalt().length == 8;
    }

    private @Nullable GuardedContext made(Credential.Oscore credential) {
        try {
            return new GuardedContext(credential, sequences);
        } catch (OSException e) {
            LOG.error("OSCORE context of ep={} could not be derived", credential.endpoint(), e);
            return null;
        }
    }

    @Override
    public @Nullable OSCoreCtx getContext(byte @Nullable [] recipientId, byte @Nullable [] contextId)
            throws CoapOSException {
        if (recipientId == null) {
            throw new CoapOSException(ErrorDescriptions.MISSING_KID, ResponseCode.UNAUTHORIZED);
        }
        return getContext(recipientId);
    }

    @Override
    public @Nullable OSCoreCtx getContext(String uri) {
        try {
            URI peer = new URI(uri);
            return recipientIdAt
                    .apply(new InetSocketAddress(peer.getHost(), peer.getPort()))
                    .map(this::getContext)
                    .orElse(null);
        } catch (URISyntaxException | IllegalArgumentException e) {
            LOG.debug("no address in {}", uri, e);
            return null;
        }
    }

    @Override
    public @Nullable OSCoreCtx getContextByToken(Token token) {
        return CURRENT.get();
    }

    @Override
    public boolean tokenExist(Token token) {
        return CURRENT.get() != null;
    }

    @Override
    public void addContext(Token token, OSCoreCtx context) {
        // Nothing is looked up by token.
    }

    @Override
    public void removeToken(Token token) {
        // Nothing is looked up by token.
    }

    @Override
    public void addContext(String uri, OSCoreCtx context) {
        throw new UnsupportedOperationException("contexts are those of the credentials");
    }

    @Override
    public void addContext(OSCoreCtx context) {
        throw new UnsupportedOperationException("contexts are those of the credentials");
    }

    @Override
    public void removeContext(OSCoreCtx context) {
        throw new UnsupportedOperationException("contexts are those of the credentials");
    }

    @Override
    public void purge() {
        contexts.clear();
    }
}
