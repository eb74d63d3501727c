package wavegate.server.registration.oscore;

import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.eclipse.californium.core.coap.CoAP.Code;
import org.eclipse.californium.cose.AlgorithmID;
import org.eclipse.californium.oscore.ErrorDescriptions;
import org.eclipse.californium.oscore.OSCoreCtx;
import org.eclipse.californium.oscore.OSException;
import org.jspecify.annotations.Nullable;
import wavegate.bootstrap.credential.Credential;

/**
 * A security context with one device. The library moves its replay window before it knows whether a message is genuine, so that one forged
 * datagram would shut the device out; here the window moves when the message has been opened. Its sequence numbers outlive a restart. Thread-safe
 * but for sending, which is one at a time.
 */
final class GuardedContext extends OSCoreCtx {
    /** Whole messages; they are cut into blocks above. */
    private static final int LONGEST_MESSAGE = 4 << 20;

    /** Number of the message that is being opened on a thread now. */
    private static final ThreadLocal<@Nullable Integer> SHOWN = new ThreadLocal<>();

    private final Credential.Oscore credential;
    private final OscoreSequences sequences;
    private final String id;
    private final ReplayWindow window;
    private int reserved;

    GuardedContext(Credential.Oscore credential, OscoreSequences sequences) throws OSException {
        super(
                credential.masterSecret(),
                false,
                AlgorithmID.AES_CCM_16_64_128,
                credential.senderId(),
                credential.recipientId(),
                AlgorithmID.HKDF_HMAC_SHA_256,
                32,
                // None is what the library takes for one of zeros.
                credential.masterSalt().length == 0 ? null : credential.masterSalt(),
                null,
                LONGEST_MESSAGE);
        this.credential = credential;
        this.sequences = sequences;
        this.id = idOf(credential);
        this.window = new ReplayWindow(sequences.highestReceived(id));
        this.reserved = sequences.firstToSend(id);
        setSenderSeq(reserved);
    }

    /** Of its sequence numbers: another one for each key, since whoever has a new one counts from zero. */
    static String idOf(Credential.Oscore credential) {
        byte[] salt = credential.masterSalt();
        byte[] senderId = credential.senderId();
        ByteArrayOutputStream keys = new ByteArrayOutputStream();
        keys.writeBytes(credential.masterSecret());
        keys.write(salt.length);
        keys.writeBytes(salt);
        keys.write(senderId.length);
        keys.writeBytes(senderId);
        HexFormat hex = HexFormat.of();
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(keys.toByteArray());
            return hex.formatHex(credential.recipientId()) + "-" + hex.formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("no SHA-256", e);
        }
    }

    Credential.Oscore credential() {
        return credential;
    }

    @Override
    public synchronized int getSenderSeq() {
        int next = super.getSenderSeq();
        if (next >= reserved) {
            reserved = sequences.reserve(id, next);
        }
        return next;
    }

    /** Only looks: who sent it is not known yet. */
    @Override
    public synchronized void checkIncomingSeq(int number) throws OSException {
        if (number < 0 || window.isReplay(number)) {
            throw new OSException(ErrorDescriptions.REPLAY_DETECT);
        }
        SHOWN.set(number);
    }

    /** The library says this of a request as soon as it has been opened, and of no other. */
    @Override
    public void setCoAPCode(Code code) {
        Integer number = SHOWN.get();
        SHOWN.remove();
        synchronized (this) {
            if (number == null || window.isReplay(number)) {
                throw new IllegalStateException("the same message twice at a time");
            }
            window.accept(number);
            sequences.received(id, window.highest());
        }
        super.setCoAPCode(code);
    }

    // Two contexts are the same only if they are one.
    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
