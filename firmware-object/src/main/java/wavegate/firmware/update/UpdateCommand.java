package wavegate.firmware.update;

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

    /** Read /5/0 and /3/0 in one burst. */
    record ReadStatus(UpdateId update, int step) implements UpdateCommand {
        @Override
        public void sendTo(DeviceLink link) {
            link.readStatus(this);
        }
    }

    /** Observe /5/0/3 and /5/0/5 anew. Best effort, answers with no signal but hints. */
    record ObserveStatus(UpdateId update, int step) implements UpdateCommand {
        @Override
        public void sendTo(DeviceLink link) {
            link.observeStatus(this);
        }
    }

    /** Bring /5 back to State 0: an empty Package URI, or one zero byte to Package where {@code byPackage}. */
    record ResetObject(UpdateId update, int step, boolean byPackage) implements UpdateCommand {
        @Override
        public void sendTo(DeviceLink link) {
            link.resetObject(this);
        }
    }

    /** Execute Cancel, /5/0/10, and where the device has none an empty Package URI. */
    record CancelDownload(UpdateId update, int step) implements UpdateCommand {
        @Override
        public void sendTo(DeviceLink link) {
            link.cancelDownload(this);
        }
    }

    /** Write the image to /5/0/0 block by block. */
    record PushPackage(UpdateId update, int step, DispatchScope scope) implements UpdateCommand {
        @Override
        public void sendTo(DeviceLink link) {
            link.pushPackage(this);
        }

        @Override
        public boolean isDispatch() {
            return true;
        }
    }

    /** Write the Package URI to /5/0/1. */
    record WritePackageUri(UpdateId update, int step, DispatchScope scope, String token) implements UpdateCommand {
        @Override
        public void sendTo(DeviceLink link) {
            link.writePackageUri(this);
        }

        @Override
        public boolean isDispatch() {
            return true;
        }
    }

    /** Execute /5/0/2, without arguments. */
    record ExecuteUpdate(UpdateId update, int step, DispatchScope scope) implements UpdateCommand {
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
