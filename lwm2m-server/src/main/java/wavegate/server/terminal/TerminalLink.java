package wavegate.server.terminal;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.firmware.device.ClientProfile;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.object.UpdateState;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.update.DeviceLink;
import wavegate.firmware.update.UpdateCommand;
import wavegate.firmware.update.UpdateId;
import wavegate.firmware.update.UpdatePolicy;
import wavegate.firmware.update.UpdateSignal;
import wavegate.firmware.update.UpdateSignal.LinkFailed;
import wavegate.firmware.update.UpdateSignal.LinkFailed.Why;
import wavegate.server.rollout.Inbox;
import wavegate.server.rollout.OpenUpdates;
import wavegate.server.rollout.Packages;
import wavegate.server.rollout.PullGrants;
import wavegate.server.rollout.PullGrants.Grant;
import wavegate.server.rollout.RolloutInput;
import wavegate.server.rollout.VersionDesk.Left;

/**
 * The way to terminals, which can only be answered. A read is answered by the question at hand; without one the terminal sleeps. The Package URI
 * becomes an offer that stands until its update ends; an Execute becomes the answer to the question at hand, or nothing.
 *
 * <pre>
 * ReadStatus       the question at hand            else ASLEEP
 * WritePackageUri  the offer, told when it asks    Refused if it has said that it lacks the room or the protocol
 * ExecuteUpdate    "apply"                         else ASLEEP: nothing left
 * ResetObject      "discard" if it holds an image  else nothing to be said
 * CancelDownload   the offer is withdrawn; a terminal that holds what no open update is about is told "discard" whenever it asks
 * </pre>
 */
final class TerminalLink implements DeviceLink {
    private static final Logger LOG = LoggerFactory.getLogger(TerminalLink.class);
    private static final int BAD_REQUEST = 400;
    private static final int REQUEST_ENTITY_TOO_LARGE = 413;
    private static final int METHOD_NOT_ALLOWED = 405;

    private final Inbox inbox;
    private final Exchanges exchanges;
    private final OpenUpdates updates;
    private final Packages packages;
    private final PullGrants grants;
    private final Policies policies;
    private final PackageSource uris;
    private final Patience patience;
    /** At most one open update of each terminal. */
    private final Map<Endpoint, Offer> offers = new ConcurrentHashMap<>();

    TerminalLink(
            Inbox inbox,
            Exchanges exchanges,
            OpenUpdates updates,
            Packages packages,
            PullGrants grants,
            Policies policies,
            PackageSource uris,
            Patience patience) {
        this.inbox = inbox;
        this.exchanges = exchanges;
        this.updates = updates;
        this.packages = packages;
        this.grants = grants;
        this.policies = policies;
        this.uris = uris;
        this.patience = patience;
    }

    /** What stands for this terminal to be fetched. */
    Optional<Offer> offer(Endpoint endpoint) {
        return Optional.ofNullable(offers.get(endpoint));
    }

    /** Whether what the terminal says is about this update. */
    boolean isAbout(CheckIn checkIn, UpdateId update) {
        return updates.named(checkIn.token()).filter(update::equals).isPresent();
    }

    /** Whether the terminal holds an image that no open update is about. */
    boolean isLeftOver(CheckIn checkIn) {
        return checkIn.holdsImage()
                && !checkIn.token().isEmpty()
                && updates.named(checkIn.token())
                        .filter(update -> update.endpoint().equals(checkIn.endpoint()))
                        .isEmpty();
    }

    @Override
    public void readStatus(UpdateCommand.ReadStatus command) {
        Optional<Exchange> found = exchanges.at(command.update().endpoint());
        if (found.isEmpty()) {
            if (!command.ifAwake()) {
                answer(command, new LinkFailed(Why.ASLEEP));
            }
            return;
        }
        Exchange exchange = found.get();
        boolean offered = offer(command.update().endpoint())
                .filter(offer -> offer.update().equals(command.update()))
                .isPresent();
        exchange.given++;
        answer(
                command,
                new UpdateSignal.StatusRead(exchange.status(isAbout(exchange.checkIn, command.update()), offered)));
    }

    /** There is nothing to observe: it speaks when it asks. */
    @Override
    public void observeStatus(UpdateCommand.ObserveStatus command) {}

    /** What a delivery is to be handled by stands in the offer. */
    @Override
    public void prepareObject(UpdateCommand.PrepareObject command) {}

    /** By whichever means: there is one word for all of them. */
    @Override
    public void resetObject(UpdateCommand.ResetObject command) {
        withdraw(command.update());
        exchanges.at(command.update().endpoint()).ifPresent(exchange -> {
            if (exchange.checkIn.state() == UpdateState.IDLE) {
                exchange.cleared = true;
                exchange.given++;
            } else if (exchanges.end(exchange)) {
                exchange.reply()
                        .say(Answer.discards(exchange.checkIn.token(), patience.busySeconds())
                                .bytes(exchange.format));
            }
        });
        answer(command, new UpdateSignal.ResetAnswered());
    }

    @Override
    public void cancelDownload(UpdateCommand.CancelDownload command) {
        withdraw(command.update());
        answer(command, new UpdateSignal.ResetAnswered());
    }

    /** Nothing can be pushed to those who ask. The machine does not try: they say that they pull. */
    @Override
    public void pushPackage(UpdateCommand.PushPackage command) {
        answer(command, new UpdateSignal.Refused(METHOD_NOT_ALLOWED));
    }

    @Override
    public void writePackageUri(UpdateCommand.WritePackageUri command) {
        Optional<FirmwarePackage> found = deliverable(command, command.scope().packageId());
        if (found.isEmpty()) {
            return;
        }
        Endpoint endpoint = command.update().endpoint();
        Optional<Exchange> at = exchanges.at(endpoint);
        if (at.isEmpty()) {
            answer(command, new LinkFailed(Why.ASLEEP));
            return;
        }
        Optional<Grant> grant = grants.grant(command.token());
        if (grant.isEmpty()) {
            answer(command, new LinkFailed(Why.BROKEN));
            return;
        }
        Exchange exchange = at.get();
        exchange.given++;
        Optional<String> uri = uris.uri(exchange.secure(), exchange.fetches(), command.token());
        OptionalLong free = exchange.checkIn.freeBytes();
        boolean room = free.isEmpty() || free.getAsLong() >= grant.get().sizeBytes();
        if (!room || uri.isEmpty()) {
            exchange.foreseen = room ? UpdateResult.UNSUPPORTED_PROTOCOL : UpdateResult.NOT_ENOUGH_FLASH;
            answer(command, new UpdateSignal.Refused(room ? BAD_REQUEST : REQUEST_ENTITY_TOO_LARGE));
            return;
        }
        int battery = policies.of(command.update().campaign())
                .map(UpdatePolicy::minBatteryPercent)
                .orElse(0);
        offers.put(
                endpoint,
                new Offer(
                        command.update(),
                        command.scope(),
                        command.token(),
                        found.get(),
                        grant.get().artifact(),
                        grant.get().sizeBytes(),
                        uri.get(),
                        battery));
        answer(command, new UpdateSignal.UriAccepted());
    }

    @Override
    public void executeUpdate(UpdateCommand.ExecuteUpdate command) {
        Optional<FirmwarePackage> found = deliverable(command, command.scope().packageId());
        if (found.isEmpty()) {
            return;
        }
        Optional<Exchange> at = exchanges.at(command.update().endpoint());
        if (at.isEmpty()
                || at.get().checkIn.state() != UpdateState.DOWNLOADED
                || !isAbout(at.get().checkIn, command.update())
                || !exchanges.end(at.get())) {
            answer(command, new LinkFailed(Why.ASLEEP));
            return;
        }
        Exchange exchange = at.get();
        Answer apply = Answer.applies(exchange.checkIn.token(), found.get(), patience.busySeconds());
        exchange.reply().dispatch(command.scope(), apply.bytes(exchange.format), left -> {
            if (left == Left.FENCED) {
                exchange.reply().say(Answer.waits(patience.busySeconds()).bytes(exchange.format));
            }
            answer(command, executed(left));
        });
    }

    private static UpdateSignal executed(Left left) {
        return switch (left) {
            case SENT -> new UpdateSignal.ExecuteAccepted();
            case FENCED -> new LinkFailed(Why.FENCED);
            case GONE -> new LinkFailed(Why.ASLEEP);
        };
    }

    /** A package the server does not know, or one it has revoked, is not given out. */
    private Optional<FirmwarePackage> deliverable(UpdateCommand command, PackageId id) {
        Optional<FirmwarePackage> found = packages.find(id);
        if (found.isEmpty() || found.get().revoked()) {
            LOG.debug("ep={} package={} is not given out", command.update().endpoint(), id);
            answer(command, new LinkFailed(found.isEmpty() ? Why.BROKEN : Why.FENCED));
            return Optional.empty();
        }
        return found;
    }

    /** It says what it is whenever it asks. */
    @Override
    public void readDevice(Endpoint endpoint, boolean urgent) {}

    /** It cannot be called. */
    @Override
    public void wake(Endpoint endpoint) {}

    /** It has no bootstrap server. */
    @Override
    public void bootstrap(Endpoint endpoint) {}

    /** All terminals speak one protocol. */
    @Override
    public void meet(Endpoint endpoint, ClientProfile profile) {}

    @Override
    public void forget(UpdateId update) {
        withdraw(update);
    }

    private void withdraw(UpdateId update) {
        offers.computeIfPresent(
                update.endpoint(), (name, offer) -> offer.update().equals(update) ? null : offer);
    }

    private void answer(UpdateCommand command, UpdateSignal signal) {
        inbox.offer(new RolloutInput.Answered(command.update(), command.step(), signal));
    }
}
