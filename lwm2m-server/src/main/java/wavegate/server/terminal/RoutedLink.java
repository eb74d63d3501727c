package wavegate.server.terminal;

import java.util.function.Predicate;
import wavegate.firmware.device.ClientProfile;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.update.DeviceLink;
import wavegate.firmware.update.UpdateCommand;
import wavegate.firmware.update.UpdateId;

/** Sends each command to where its device is: a name is a terminal's or a module's, never both. */
public final class RoutedLink implements DeviceLink {
    private final Predicate<Endpoint> isTerminal;
    private final DeviceLink terminals;
    private final DeviceLink modules;

    public RoutedLink(Predicate<Endpoint> isTerminal, DeviceLink terminals, DeviceLink modules) {
        this.isTerminal = isTerminal;
        this.terminals = terminals;
        this.modules = modules;
    }

    private DeviceLink of(Endpoint endpoint) {
        return isTerminal.test(endpoint) ? terminals : modules;
    }

    private DeviceLink of(UpdateCommand command) {
        return of(command.update().endpoint());
    }

    @Override
    public void readStatus(UpdateCommand.ReadStatus command) {
        of(command).readStatus(command);
    }

    @Override
    public void observeStatus(UpdateCommand.ObserveStatus command) {
        of(command).observeStatus(command);
    }

    @Override
    public void prepareObject(UpdateCommand.PrepareObject command) {
        of(command).prepareObject(command);
    }

    @Override
    public void resetObject(UpdateCommand.ResetObject command) {
        of(command).resetObject(command);
    }

    @Override
    public void cancelDownload(UpdateCommand.CancelDownload command) {
        of(command).cancelDownload(command);
    }

    @Override
    public void pushPackage(UpdateCommand.PushPackage command) {
        of(command).pushPackage(command);
    }

    @Override
    public void writePackageUri(UpdateCommand.WritePackageUri command) {
        of(command).writePackageUri(command);
    }

    @Override
    public void executeUpdate(UpdateCommand.ExecuteUpdate command) {
        of(command).executeUpdate(command);
    }

    @Override
    public void readDevice(Endpoint endpoint, boolean urgent) {
        of(endpoint).readDevice(endpoint, urgent);
    }

    @Override
    public void wake(Endpoint endpoint) {
        of(endpoint).wake(endpoint);
    }

    @Override
    public void bootstrap(Endpoint endpoint) {
        of(endpoint).bootstrap(endpoint);
    }

    @Override
    public void meet(Endpoint endpoint, ClientProfile profile) {
        of(endpoint).meet(endpoint, profile);
    }

    /** Both: the device may have been the other while the update ran. */
    @Override
    public void forget(UpdateId update) {
        terminals.forget(update);
        modules.forget(update);
    }
}
