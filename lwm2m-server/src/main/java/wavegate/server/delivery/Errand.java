package wavegate.server.delivery;

import org.eclipse.californium.core.coap.Response;
import org.eclipse.leshan.server.registration.Registration;
import org.jspecify.annotations.Nullable;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.update.DispatchScope;
import wavegate.firmware.update.UpdateId;
import wavegate.firmware.update.UpdateSignal;
import wavegate.firmware.update.UpdateSignal.LinkFailed;
import wavegate.firmware.update.UpdateSignal.LinkFailed.Why;

/**
 * One command on its way to one device: a chain of requests, one in flight, that ends once. Begun by {@link Lanes} when the device is free;
 * its steps run on CoAP protocol threads; it can be ended from any thread.
 */
abstract class Errand {
    /** What an errand needs from around it. */
    interface Surroundings {
        void send(Registration to, DeviceRequest request, Wire.Reply reply);

        /** When a request sent now is given up, in milliseconds of the clock. */
        long deadlineMillis();

        /** The errand is over; {@code signal} is its answer, null if none is to be given. */
        void ended(Errand errand, @Nullable UpdateSignal signal);

        /** The device will not be observed. */
        void observeRefused(Errand errand);

        /** The device answered, or failed to in time. */
        void heard(Registration registration, boolean answered);
    }

    /** What follows one request. */
    interface Next {
        void answered(Response response);
    }

    private final Endpoint endpoint;
    private final @Nullable UpdateId update;
    private final int step;
    private final @Nullable DispatchScope scope;
    private final Surroundings around;

    private boolean over;
    private long deadline = Long.MAX_VALUE;
    private @Nullable Registration registration;
    private @Nullable DeviceRequest inFlight;
    private @Nullable Next next;

    Errand(Endpoint endpoint, @Nullable UpdateId update, int step, @Nullable DispatchScope scope, Surroundings around) {
        this.endpoint = endpoint;
        this.update = update;
        this.step = step;
        this.scope = scope;
        this.around = around;
    }

    final Endpoint endpoint() {
        return endpoint;
    }

    final @Nullable UpdateId update() {
        return update;
    }

    final int step() {
        return step;
    }

    final @Nullable DispatchScope scope() {
        return scope;
    }

    final boolean isOf(UpdateId id) {
        return id.equals(update);
    }

    /** Begins on a registration. Called once. */
    final void beginOn(Registration to) {
        synchronized (this) {
            registration = to;
            deadline = around.deadlineMillis();
        }
        begin();
    }

    abstract void begin();

    /** Whether its end is told to who asked for it. */
    boolean answers() {
        return true;
    }

    /** A queue-mode device that was silent has just been heard: what is in flight goes out again at once, as the same message. */
    final void awoken() {
        repeat();
    }

    /** A request failed. By default the errand fails with it. */
    void failed(Why why) {
        end(new LinkFailed(why));
    }

    /** The device came back at a new address; what was asked is asked there. {@code anew} if it registered anew and may have rebooted. */
    void moved(Registration now, boolean anew) {
        boolean elsewhere = redirect(now);
        if (!elsewhere && !anew) {
            return;
        }
        if (scope != null) {
            // The order may have been carried out; only a read can tell, and the loop will ask for one.
            end(new LinkFailed(Why.BROKEN));
        } else if (elsewhere) {
            repeat();
        }
    }

    /**
     * The fence is up for this dispatch. What the device may already have is left to its answer, which tells more than silence; the fence stops
     * its retransmissions.
     */
    void fenced() {
        boolean left;
        synchronized (this) {
            left = inFlight != null && inFlight.dispatched();
        }
        if (!left) {
            end(new LinkFailed(Why.FENCED));
        }
    }

    /** Takes the new registration. @return whether the address changed */
    final synchronized boolean redirect(Registration now) {
        Registration before = registration;
        registration = now;
        return before != null && !before.getSocketAddress().equals(now.getSocketAddress());
    }

    /** Sends what is in flight once more, to where the device is now, as the same message. */
    final void repeat() {
        DeviceRequest old;
        DeviceRequest copy;
        Registration to;
        synchronized (this) {
            old = inFlight;
            to = registration;
            if (over || old == null || to == null) {
                return;
            }
            copy = old.again();
            inFlight = copy;
            deadline = around.deadlineMillis();
        }
        old.cancel();
        around.send(to, copy, new Reply(copy));
    }

    final Registration registration() {
        synchronized (this) {
            if (registration == null) {
                throw new IllegalStateException("errand to " + endpoint + " has not begun");
            }
            return registration;
        }
    }

    /** Sends a request; {@code then} runs when it is answered, whatever the code. A request still in flight is given up. */
    final void send(DeviceRequest request, Next then) {
        DeviceRequest given;
        Registration to;
        synchronized (this) {
            to = registration;
            if (over || to == null) {
                return;
            }
            given = inFlight;
            inFlight = request;
            next = then;
            deadline = around.deadlineMillis();
        }
        if (given != null) {
            given.cancel();
        }
        around.send(to, request, new Reply(request));
    }

    final void observeRefused() {
        around.observeRefused(this);
    }

    /** Gives the errand more time where something other than a request is waited for. */
    final synchronized void waiting() {
        deadline = around.deadlineMillis();
    }

    final synchronized boolean isOver() {
        return over;
    }

    final synchronized boolean overdue(long nowMillis) {
        return !over && nowMillis >= deadline;
    }

    final void end(@Nullable UpdateSignal signal) {
        DeviceRequest given;
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
            given = inFlight;
            inFlight = null;
            next = null;
        }
        if (given != null) {
            given.cancel();
        }
        around.ended(this, signal);
    }

    /** Class * 100 + detail, as signals carry it. */
    static int code(Response response) {
        return response.getCode().codeClass * 100 + response.getCode().codeDetail;
    }

    private final class Reply implements Wire.Reply {
        private final DeviceRequest request;

        Reply(DeviceRequest request) {
            this.request = request;
        }

        @Override
        public void answered(Response response) {
            Next then = taken();
            if (then != null) {
                around.heard(registration(), true);
                then.answered(response);
            }
        }

        @Override
        public void failed(Why why) {
            if (taken() != null) {
                if (why == Why.TIMEOUT) {
                    around.heard(registration(), false);
                }
                Errand.this.failed(why);
            }
        }

        /** What follows, if this request is still the one that is waited for. */
        private @Nullable Next taken() {
            synchronized (Errand.this) {
                if (over || inFlight != request) {
                    return null;
                }
                inFlight = null;
                Next then = next;
                next = null;
                return then;
            }
        }
    }
}
