package wavegate.server.rollout;

import wavegate.firmware.device.ClientProfile;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.update.DeviceLink;
import wavegate.firmware.update.UpdateCommand;
import wavegate.firmware.update.UpdateId;

/** Before the way to the devices is open nothing may be sent; a call is a bug. */
enum NoLink implements DeviceLink {
    INSTANCE;

    private static IllegalStateException tooEarly(Object what) {
        return new IllegalStateException(what + " before the link was open");
    }

    @Override
    public void readStatus(UpdateCommand.ReadStatus command) {
        throw tooEarly(command);
    }

    @Override
    public void observeStatus(UpdateCommand.ObserveStatus command) {
        throw tooEarly(command);
    }

    @Override
    public void prepareObject(UpdateCommand.PrepareObject command) {
        throw tooEarly(command);
    }

    @Override
    public void resetObject(UpdateCommand.ResetObject command) {
        throw tooEarly(command);
    }

    @Override
    public void cancelDownload(UpdateCommand.CancelDownload command) {
        throw tooEarly(command);
    }

    @Override
    public void pushPackage(UpdateCommand.PushPackage command) {
        throw tooEarly(command);
    }

    @Override
    public void writePackageUri(UpdateCommand.WritePackageUri command) {
        throw tooEarly(command);
    }

    @Override
    public void executeUpdate(UpdateCommand.ExecuteUpdate command) {
        throw tooEarly(command);
    }

    @Override
    public void readDevice(Endpoint endpoint, boolean urgent) {
        throw tooEarly(endpoint);
    }

    @Override
    public void wake(Endpoint endpoint) {
        throw tooEarly(endpoint);
    }

    @Override
    public void bootstrap(Endpoint endpoint) {
        throw tooEarly(endpoint);
    }

    @Override
    public void meet(Endpoint endpoint, ClientProfile profile) {
        throw tooEarly(endpoint);
    }

    @Override
    public void forget(UpdateId update) {
        throw tooEarly(update);
    }
}
