package wavegate.firmware.update;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import wavegate.firmware.device.ResetMeans;
import wavegate.firmware.pkg.Payload;

/** What an update asks of the device. A command is sent only after the turn that asked for it is in the ledger. */
public sealed interface UpdateCommand {
    UpdateId update();

    /** Step of the row that asked; the answer names it. */
    int step();

    /** Hands itself to the matching method, so that a new command does not compile until every link has it. */
    void sendTo(DeviceLink link);

    /**
     * Whether it can move firmware or apply it: a Package block, a non-empty Package URI or an Execute. Dispatches stop at the fence; resets and
     * cancels do not.
     */
    default boolean isDispatch() {
        return false;
    }

    /**
     * Read the firmware object and /3/0 in one burst.
     *
     * @param components names of the components of Object 33629 to read; none: /5/0
     * @param cell whether to ask for the radio cell too
     * @param ifAwake a watchdog's read: a device that sleeps is left asleep, and nothing is answered
     */
    record ReadStatus(UpdateId update, int step, List<String> components, boolean cell, boolean ifAwake)
            implements UpdateCommand {
        public ReadStatus {
            components = List.copyOf(components);
        }

        /** On /5/0. */
        public ReadStatus(UpdateId update, int step) {
            this(update, step, List.of(), false, false);
        }

        @Override
        public void sendTo(DeviceLink link) {
            link.readStatus(this);
        }
    }

    /** Observe State and Update Result anew. Best effort, answers with no signal but hints, and with {@code ObserveRefused} by the side. */
    record ObserveStatus(UpdateId update, int step, FirmwareSlot slot) implements UpdateCommand {
        /** On /5/0. */
        public ObserveStatus(UpdateId update, int step) {
            this(update, step, FirmwareSlot.OBJECT_5);
        }

        @Override
        public void sendTo(DeviceLink link) {
            link.observeStatus(this);
        }
    }

    /**
     * Write what a delivery is to be handled by. Best effort, no answer follows; the next command waits for it.
     *
     * @param severity /5/0/11; empty: not written
     * @param deferSeconds /5/0/13; empty: not written
     * @param holdUpgrade whether /5/0/14 is written false, so that nothing is applied before Execute
     */
    record PrepareObject(
            UpdateId update,
            int step,
            FirmwareSlot slot,
            OptionalInt severity,
            OptionalLong deferSeconds,
            boolean holdUpgrade)
            implements UpdateCommand {
        @Override
        public void sendTo(DeviceLink link) {
            link.prepareObject(this);
        }
    }

    /** Bring the object back to State 0 by one means; {@code NEW_PUSH} is none of them. */
    record ResetObject(UpdateId update, int step, FirmwareSlot slot, ResetMeans means) implements UpdateCommand {
        /** On /5/0. */
        public ResetObject(UpdateId update, int step, ResetMeans means) {
            this(update, step, FirmwareSlot.OBJECT_5, means);
        }

        @Override
        public void sendTo(DeviceLink link) {
            link.resetObject(this);
        }
    }

    /** Execute Cancel, /5/0/10, and where the device has none an empty Package URI. */
    record CancelDownload(UpdateId update, int step, FirmwareSlot slot) implements UpdateCommand {
        /** On /5/0. */
        public CancelDownload(UpdateId update, int step) {
            this(update, step, FirmwareSlot.OBJECT_5);
        }

        @Override
        public void sendTo(DeviceLink link) {
            link.cancelDownload(this);
        }
    }

    /** Write the payload to Package block by block, the package's image where none is named; {@code maxBlock} is the largest block the device takes, in bytes. */
    record PushPackage(
            UpdateId update, int step, DispatchScope scope, FirmwareSlot slot, int maxBlock, Optional<Payload> payload)
            implements UpdateCommand {
        /** On /5/0. */
        public PushPackage(UpdateId update, int step, DispatchScope scope) {
            this(update, step, scope, FirmwareSlot.OBJECT_5, 1024, Optional.empty());
        }

        @Override
        public void sendTo(DeviceLink link) {
            link.pushPackage(this);
        }

        @Override
        public boolean isDispatch() {
            return true;
        }
    }

    /** Write the Package URI; the payload, or the package's image where none is named, is served under its token. */
    record WritePackageUri(
            UpdateId update, int step, DispatchScope scope, FirmwareSlot slot, String token, Optional<Payload> payload)
            implements UpdateCommand {
        /** On /5/0. */
        public WritePackageUri(UpdateId update, int step, DispatchScope scope, String token) {
            this(update, step, scope, FirmwareSlot.OBJECT_5, token, Optional.empty());
        }

        @Override
        public void sendTo(DeviceLink link) {
            link.writePackageUri(this);
        }

        @Override
        public boolean isDispatch() {
            return true;
        }
    }

    /** Execute Update; {@code argument} is empty for Object 5, which has none. */
    record ExecuteUpdate(UpdateId update, int step, DispatchScope scope, FirmwareSlot slot, String argument)
            implements UpdateCommand {
        /** On /5/0. */
        public ExecuteUpdate(UpdateId update, int step, DispatchScope scope) {
            this(update, step, scope, FirmwareSlot.OBJECT_5, "");
        }

        @Override
        public void sendTo(DeviceLink link) {
            link.executeUpdate(this);
        }

        @Override
        public boolean isDispatch() {
            return true;
        }
    }
}
