package wavegate.server.rollout;

import wavegate.firmware.device.Endpoint;

/** Where adapters leave what happened. Any thread; never blocks. */
public interface Inbox {
    /** @return false if the inbox is full; the input is dropped and counted. Answers to commands are never dropped. */
    boolean offer(RolloutInput input);

    /** Whether a Registration Update of this device matters: it has an open update, or is waited for by an open wave. */
    boolean concerns(Endpoint endpoint);

    /** Whether health reports of this device matter to a gate. They are stored as samples in any case. */
    boolean watches(Endpoint endpoint);
}
