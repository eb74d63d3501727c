package wavegate.sim.terminal;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.jspecify.annotations.Nullable;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.object.UpdateState;
import wavegate.sim.coap.CoapCodec;
import wavegate.sim.device.IncomingImage;
import wavegate.sim.device.ModuleIdentity;
import wavegate.sim.device.ModuleModel;

/**
 * One terminal. Asks after each start and as often as it is told; downloads what it is offered, applies it when it is told, comes back in the new
 * slot or, if the image does not start, in the old one with result 8. What is in flash outlives a restart: version, image, token and result. All
 * times are epoch milliseconds.
 */
final class VirtualTerminal {
    private final ModuleIdentity identity;
    private final TerminalPlan plan;
    private final RandomGenerator random;
    private final Confirmed exchange;

    private IncomingImage.Firmware running;
    private IncomingImage.@Nullable Firmware held;
    private String runningSha256 = "";
    private String heldSha256 = "";
    private UpdateState state = UpdateState.IDLE;
    private UpdateResult result = UpdateResult.INITIAL;
    private String token = "";
    private @Nullable Download download;

    private long now;
    private boolean on;
    private long powerOnAt = Confirmed.NEVER;
    private long askAt = Confirmed.NEVER;
    private long blockAt = Confirmed.NEVER;
    private long restartAt = Confirmed.NEVER;
    private long crashAt = Confirmed.NEVER;
    private long bootedAt;
    private long energyAt;
    private double energyMah;

    private long answers;
    private long refusals;
    private long offers;
    private long applies;
    private long reverts;
    private long discards;
    private long boots;
    private long crashes;
    private long bytes;

    VirtualTerminal(ModuleIdentity identity, TerminalPlan plan, RandomGenerator random, Confirmed.Line line) {
        this.identity = identity;
        this.plan = plan;
        this.random = random;
        this.exchange = new Confirmed(plan.coap(), random, line);
        this.running = new IncomingImage.Firmware(identity.model().baseVersion(), true, 1, 1);
    }

    void start(long atMs) {
        powerOnAt = atMs;
    }

    long wakeAt() {
        if (!on) {
            return powerOnAt;
        }
        long at = Math.min(Math.min(restartAt, crashAt), exchange.wakeAt());
        return exchange.busy() ? at : Math.min(at, Math.min(askAt, blockAt));
    }

    void wake(long nowMs) {
        now = nowMs;
        if (!on) {
            if (now >= powerOnAt) {
                powerOn();
            }
            return;
        }
        if (now >= restartAt) {
            install();
            powerOff();
        } else if (now >= crashAt) {
            crashes++;
            powerOff();
        } else {
            exchange.wake(now);
            speak();
        }
    }

    void receive(long nowMs, InetSocketAddress peer, byte[] datagram) {
        now = nowMs;
        if (on) {
            CoapCodec.decode(datagram).message().ifPresent(message -> exchange.receive(now, peer, message));
            speak();
        }
    }

    /** What is due and needs the line; a question goes before a block. */
    private void speak() {
        if (exchange.busy()) {
            return;
        }
        Download loading = download;
        if (now >= askAt) {
            ask();
        } else if (now >= blockAt && loading != null) {
            blockAt = Confirmed.NEVER;
            loading.ask(now, exchange, plan.server());
        }
    }

    private void ask() {
        askAt = Confirmed.NEVER;
        Request request = new Request(CoAP.Code.POST);
        request.getOptions().addUriPath("update-check").setContentFormat(MediaTypeRegistry.APPLICATION_JSON);
        request.setPayload(question().getBytes(StandardCharsets.UTF_8));
        exchange.ask(now, plan.server(), request, new Confirmed.Answer() {
            @Override
            public void answered(Response response) {
                Optional<Instruction> told = response.getCode() == ResponseCode.CHANGED && response.getPayload() != null
                        ? Instruction.read(response.getPayload())
                        : Optional.empty();
                if (told.isPresent()) {
                    answers++;
                    follow(told.get());
                } else {
                    refused();
                }
            }

            @Override
            public void silent() {
                refused();
            }
        });
    }

    private void refused() {
        refusals++;
        long pause = plan.real(plan.timing().retryAfter());
        askAt = now + pause + random.nextLong(pause / 2 + 1);
    }

    private String question() {
        energyMah += plan.hours(now - energyAt) * plan.health().energyMahPerHour() * running.energyMultiplier();
        energyAt = now;
        ModuleModel model = identity.model();
        return String.format(
                Locale.ROOT,
                "{\"endpoint\":\"%s\",\"manufacturer\":\"%s\",\"model\":\"%s\",\"hardware\":\"%s\",\"version\":\"%s\","
                        + "\"region\":\"%s\",\"carrier\":\"%s\",\"fetch\":[\"%s\"],\"free\":%d,\"state\":\"%s\","
                        + "\"result\":%d,\"token\":\"%s\",\"time\":%d,"
                        + "\"health\":{\"crashes\":%d,\"boots\":%d,\"uptime\":%d,\"energy\":%.6f}}",
                identity.endpoint(),
                text(model.manufacturer()),
                text(model.model()),
                text(model.hardware()),
                text(running.version()),
                text(identity.region()),
                text(identity.carrier()),
                plan.secure() ? "coaps" : "coap",
                model.flashBytes(),
                state.name().toLowerCase(Locale.ROOT),
                result.code(),
                token,
                now / 1000,
                crashes,
                boots,
                (now - bootedAt) / 1000,
                energyMah);
    }

    private static String text(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"");
    }

    private void follow(Instruction told) {
        askAt = now + told.afterSeconds() * 1000;
        switch (told.what()) {
            case "fetch" -> fetch(told);
            case "apply" -> apply(told);
            case "discard" -> {
                discards++;
                drop();
                askAt = now;
            }
            default -> {
                // To wait is all there is to do.
            }
        }
    }

    private void fetch(Instruction offer) {
        Download loading = download;
        if (loading != null && loading.offer.token().equals(offer.token())) {
            return;
        }
        drop();
        offers++;
        token = offer.token();
        Optional<UpdateResult> refusal = Download.judge(offer, plan.secure(), identity.model());
        if (refusal.isPresent()) {
            failed(refusal.get());
            return;
        }
        state = UpdateState.DOWNLOADING;
        download = new Download(offer, identity.model(), plan.real(plan.timing().retryAfter()), new DownloadEnd());
        blockAt = now;
    }

    private final class DownloadEnd implements Download.End {
        @Override
        public void arrived(IncomingImage.Firmware firmware) {
            Download ended = download;
            download = null;
            held = firmware;
            heldSha256 = ended == null ? "" : ended.sha256();
            state = UpdateState.DOWNLOADED;
            askAt = now;
        }

        @Override
        public void failed(UpdateResult why) {
            VirtualTerminal.this.failed(why);
        }

        @Override
        public void goOn(long pauseMs, long more) {
            bytes += more;
            blockAt = pauseMs == Confirmed.NEVER ? Confirmed.NEVER : now + pauseMs;
        }
    }

    private void failed(UpdateResult why) {
        String about = token;
        drop();
        token = about;
        result = why;
        askAt = now;
    }

    private void drop() {
        download = null;
        held = null;
        blockAt = Confirmed.NEVER;
        state = UpdateState.IDLE;
        result = UpdateResult.INITIAL;
        token = "";
    }

    private void apply(Instruction told) {
        if (state == UpdateState.DOWNLOADED && told.token().equals(token)) {
            state = UpdateState.UPDATING;
            restartAt = now + plan.real(plan.timing().applyDelay());
        }
    }

    /** The boot stage: the other slot, or back. */
    private void install() {
        restartAt = Confirmed.NEVER;
        IncomingImage.Firmware image = held;
        held = null;
        state = UpdateState.IDLE;
        applies++;
        if (image != null && image.fits()) {
            running = image;
            runningSha256 = heldSha256;
            result = UpdateResult.SUCCESS;
        } else {
            reverts++;
            result = UpdateResult.UPDATE_FAILED;
        }
    }

    private void powerOn() {
        on = true;
        powerOnAt = Confirmed.NEVER;
        if (boots == 0) {
            energyAt = now;
        }
        boots++;
        bootedAt = now;
        double perHour = plan.health().crashesPerHour() * running.crashMultiplier();
        crashAt = perHour <= 0
                ? Confirmed.NEVER
                : now + (long) Math.max(1, random.nextExponential() / perHour * 3_600_000.0 / plan.timeFactor());
        askAt = now;
        speak();
    }

    /** A download begins again after a restart: its blocks were not yet in flash. */
    private void powerOff() {
        on = false;
        exchange.clear();
        askAt = Confirmed.NEVER;
        crashAt = Confirmed.NEVER;
        if (state == UpdateState.DOWNLOADING) {
            drop();
        } else if (state == UpdateState.UPDATING) {
            restartAt = Confirmed.NEVER;
            state = UpdateState.DOWNLOADED;
        }
        long boot = plan.real(plan.timing().bootTime());
        powerOnAt = now + boot - boot / 4 + random.nextLong(boot / 2 + 1);
    }

    ModuleIdentity identity() {
        return identity;
    }

    TerminalReport report() {
        return new TerminalReport(
                identity,
                running.version(),
                runningSha256,
                answers,
                refusals,
                offers,
                applies,
                reverts,
                discards,
                boots,
                crashes,
                bytes,
                result.code());
    }
}
