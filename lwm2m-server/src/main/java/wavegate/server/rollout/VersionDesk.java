package wavegate.server.rollout;

import java.net.InetSocketAddress;
import java.util.function.Consumer;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.object.UpdateProtocol;
import wavegate.firmware.update.DispatchScope;

/**
 * Port: where devices that do not register ask whether a newer version exists. Any thread; never blocks and never throws. Every question ends in
 * exactly one call of its {@link Reply}, on any thread.
 */
public interface VersionDesk {
    /** Longest question in bytes. */
    int MOST_BYTES = 2048;

    /** How a question is written; the answer is written likewise. */
    enum Format {
        JSON,
        CBOR
    }

    /** Who asks. */
    interface Sender {
        /** Whether the credential it has shown is this endpoint's, or the endpoint needs none where it asks. Counts as a use of the credential. */
        boolean maySpeakFor(String endpoint);

        /** Whether there is room for one more that was not known before. Asked once, after {@link #maySpeakFor}. */
        boolean mayCome(Endpoint endpoint);

        InetSocketAddress address();

        /** What the question came by. */
        UpdateProtocol by();
    }

    /** How an answer that may move or apply firmware left. */
    enum Left {
        SENT,
        /** The fence was up. Nothing was sent, another answer may be. */
        FENCED,
        /** Nobody waits for it any more. */
        GONE
    }

    /** The way back. */
    interface Reply {
        /** Sends an answer that is a dispatch, unless the fence is up; looks at the fence immediately before. {@code left} is told, once, on any thread. */
        void dispatch(DispatchScope scope, byte[] answer, Consumer<Left> left);

        void say(byte[] answer);

        void refuse(Refusal refusal, String why);
    }

    /** Why a question is not answered. */
    enum Refusal {
        /** It cannot be read, or a value in it is none. */
        MALFORMED,
        /** The sender may not speak for this endpoint. */
        FORBIDDEN,
        /** The endpoint is registered over LwM2M. */
        CONFLICT,
        /** This terminal asks too often, or there is no room for more terminals. */
        TOO_MANY
    }

    void check(byte[] question, Format format, Sender sender, Reply reply);
}
