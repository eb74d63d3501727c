package wavegate.server.registration.limit;

import java.net.InetSocketAddress;

/**
 * Answers some messages below the CoAP stack, after the gates and, with DTLS, after decryption. Called on the thread that received the message,
 * which waits for nothing: what takes a disk, a lock held for long or more than a glance goes on to the stack.
 */
public interface Shortcut {
    /** Every message goes on to the stack. */
    Shortcut NONE = (data, offset, length, sender, reply) -> false;

    /** Sends a whole message back to where the one at hand came from. */
    interface Reply {
        void send(byte[] message);
    }

    /**
     * @param length of the CoAP message in {@code data}, which is the caller's again afterwards
     * @return whether it is answered; if not, it goes on to the stack
     */
    boolean answer(byte[] data, int offset, int length, InetSocketAddress sender, Reply reply);

    /** Whether a sender without a registration is known for what it asked here lately, so that it is no stranger to the gates. */
    default boolean knows(InetSocketAddress sender) {
        return false;
    }
}
