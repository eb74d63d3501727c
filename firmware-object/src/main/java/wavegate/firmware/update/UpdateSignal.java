package wavegate.firmware.update;

/**
 * What can happen to an update. Answers to commands come wrapped with the step they answer; the rest concern the row as it is now.
 */
public sealed interface UpdateSignal {
    /** The wave has reserved the device. */
    record Begin() implements UpdateSignal {}

    /**
     * The device was heard: a Register ({@code registered}: its observations are gone) or a Registration Update. {@code rebooted}: it had been
     * registered with this very process and came with a new registration.
     */
    record DeviceSeen(boolean registered, boolean rebooted) implements UpdateSignal {}

    /** A notification of /5 arrived: a hint to read, never evidence. */
    record Hint() implements UpdateSignal {}

    /** A watchdog read is due: notifications get lost. */
    record PollDue() implements UpdateSignal {}

    record DeadlinePassed() implements UpdateSignal {}

    /** What held the update before Execute no longer does. */
    record ApplyAllowed() implements UpdateSignal {}

    /** Telemetry says the device is ill since the update. */
    record FoundUnhealthy() implements UpdateSignal {}

    /** Called off by a kill switch or an abort. */
    record CancelAsked(UpdateDetail why) implements UpdateSignal {}

    /** What was read shows the device in a part of the network that has no room for it now. */
    record NoRoom() implements UpdateSignal {}

    /** Answer to {@link UpdateCommand.ReadStatus}. */
    record StatusRead(DeviceStatus status) implements UpdateSignal {}

    /** Answer to {@link UpdateCommand.ResetObject} or {@link UpdateCommand.CancelDownload}, whatever its code: only a read tells. */
    record ResetAnswered() implements UpdateSignal {}

    /** The last block of a push was accepted with 2.04. */
    record PackageAccepted() implements UpdateSignal {}

    /** The write of the Package URI was answered 2.04. */
    record UriAccepted() implements UpdateSignal {}

    /** Execute was answered 2.04. */
    record ExecuteAccepted() implements UpdateSignal {}

    /** A command was answered with an error. {@code code} as class * 100 + detail: 405 for 4.05. Ambiguous until read. */
    record Refused(int code) implements UpdateSignal {}

    /** A command got no answer, or did not leave. */
    record LinkFailed(Why why) implements UpdateSignal {
        public enum Why {
            /** No answer in time. */
            TIMEOUT,
            /** Not registered, or a queue-mode device asleep: it will be heard. */
            ASLEEP,
            /** The fence was up. Nothing was sent. */
            FENCED,
            /** Anything else: reset by the peer, undecodable answer, cancelled by a new registration. */
            BROKEN
        }
    }
}
