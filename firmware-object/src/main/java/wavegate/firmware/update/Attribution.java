package wavegate.firmware.update;

import java.time.Instant;
import java.util.Optional;
import wavegate.firmware.object.UpdateState;

/** Tells what was done to the object by us from what was done by others, and a result of this attempt from one that lay there before. */
record Attribution(Update update, DeviceStatus status, UpdateContext context) {
    /** A download that somebody else began a short while ago, by the device's own clock. */
    boolean freshForeignDownload() {
        Optional<Instant> since = status.details().stateChanged();
        return status.firmware().is(UpdateState.DOWNLOADING)
                && update.attempt() == 1
                && update.tries().resets() == 0
                && since.isPresent()
                && !since.get().isAfter(context.now().plus(context.policy().checking()))
                && since.get().plus(context.policy().checking()).isAfter(context.now());
    }

    /**
     * Whether somebody else has been at the object since we saw it last: a Package URI that is not ours, State 1 in a push of a client that never
     * shows it, or, once our image lies there, another package or, before Execute, another change of State.
     */
    boolean conflict() {
        if (update.sighting().isEmpty()) {
            return false;
        }
        Sighting before = update.sighting().get();
        ObjectDetails now = status.details();
        boolean ownUri =
                now.packageUri().isEmpty() || uriIsOurs() || now.packageUri().equals(before.packageUri());
        boolean strangeDownload = update.phase() == UpdatePhase.DOWNLOADING
                && update.intent() == Intent.PUSH
                && status.firmware().is(UpdateState.DOWNLOADING)
                && !context.profile().object5().showsPush();
        boolean another =
                update.intent() == Intent.EXECUTE ? foreignPackage() : holdsOurs(before) && isAnother(before, now);
        return !ownUri || strangeDownload || another;
    }

    /** Whether the object shows the Package URI of this update. */
    boolean uriIsOurs() {
        return status.details().packageUri().contains(update.token());
    }

    private boolean holdsOurs(Sighting before) {
        return before.state() == UpdateState.DOWNLOADED.code()
                && status.firmware().is(UpdateState.DOWNLOADED);
    }

    /** After Execute a device may note a change of State at any moment; only what it holds tells whose it is. */
    boolean foreignPackage() {
        Optional<Sighting> before = update.sighting();
        return before.isPresent()
                && holdsOurs(before.get())
                && differ(before.get().packageVersion(), status.details().packageVersion());
    }

    private static boolean differ(String before, String now) {
        return !before.isEmpty() && !now.isEmpty() && !before.equals(now);
    }

    /** Whether a result was there before delivery that could be taken for a new one, and nothing has been seen to happen since. */
    boolean resultWasThere() {
        return update.sighting()
                .filter(before -> before.state() == UpdateState.IDLE.code() && before.result() != 0)
                .isPresent();
    }

    private static boolean isAnother(Sighting before, ObjectDetails now) {
        return differ(before.packageVersion(), now.packageVersion())
                || (before.stateChanged().isPresent()
                        && now.stateChanged().isPresent()
                        && !before.stateChanged().equals(now.stateChanged()));
    }

    /** State 0 with the very result that was there before delivery, and nothing to say that it is a new one: it is of an earlier attempt. */
    boolean staleResult() {
        Optional<Sighting> before = update.sighting();
        if (before.isEmpty()
                || !status.firmware().is(UpdateState.IDLE)
                || before.get().state() != UpdateState.IDLE.code()) {
            return false;
        }
        Optional<Instant> now = status.details().stateChanged();
        if (now.isPresent() && before.get().stateChanged().isPresent()) {
            return now.equals(before.get().stateChanged())
                    && status.firmware().result().code() == before.get().result();
        }
        return status.firmware().result().code() == before.get().result();
    }
}
