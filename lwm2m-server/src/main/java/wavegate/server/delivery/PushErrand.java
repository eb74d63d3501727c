package wavegate.server.delivery;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.concurrent.Future;
import java.util.function.LongConsumer;
import org.eclipse.californium.core.coap.BlockOption;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.coap.Token;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.server.registration.Registration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.firmware.object.FirmwareUpdateObject;
import wavegate.firmware.pkg.Sha256;
import wavegate.firmware.update.DispatchScope;
import wavegate.firmware.update.UpdateCommand;
import wavegate.firmware.update.UpdateSignal;
import wavegate.firmware.update.UpdateSignal.LinkFailed;
import wavegate.firmware.update.UpdateSignal.LinkFailed.Why;
import wavegate.server.rollout.ArtifactStore.Artifact;

/**
 * Writes an image to /5/0/0 by Block1, one block in flight and one block in memory. Source: RFC 7959 2.3 to 2.5, 2.9.
 *
 * <pre>
 * 2.31                 next block; smaller ones from here on if the device asks for them
 * 2.04 on the last     PackageAccepted
 * 4.13 with a smaller  from block 0 with that size
 * 4.08                 from block 0, once
 * address changed      the same block again, as the same message
 * registered anew      the same block again, at most three times: a device that did not reboot has kept its
 *                      place. Any error to it: from block 0
 * anything else        Refused or LinkFailed
 * </pre>
 */
final class PushErrand extends Errand {
    private static final Logger LOG = LoggerFactory.getLogger(PushErrand.class);
    private static final int MAX_NEW_REGISTRATIONS = 3;
    private static final int CONTINUE = 231;
    private static final int INCOMPLETE = 408;
    private static final int TOO_LARGE = 413;

    /** Bytes accepted so far, at most once a second. */
    private final LongConsumer progress;

    private final LwM2mPath target;
    private final Images images;
    private final Sha256 digest;
    private final DispatchScope dispatch;
    private final InstantSource clock;
    // The steps run one after the other, but on changing threads, and moved() comes from yet another.
    private final Object lock = new Object();
    private @Nullable Artifact artifact;
    private @Nullable Token token;
    private @Nullable DeviceRequest sent;
    private int szx;
    private long offset;
    private int length;
    private boolean restarted;
    /** The block in flight is the first on a new registration. */
    private boolean carriedOn;

    private int newRegistrations;
    private long progressDue = Long.MIN_VALUE;

    PushErrand(
            UpdateCommand.PushPackage command,
            Sha256 digest,
            int blockSize,
            Images images,
            InstantSource clock,
            LongConsumer progress,
            Surroundings around) {
        super(command.update().endpoint(), command.update(), command.step(), command.scope(), around);
        this.target = new LwM2mPath(command.slot().object(), command.slot().instance(), FirmwareUpdateObject.PACKAGE);
        this.digest = digest;
        this.dispatch = command.scope();
        this.szx = BlockOption.size2Szx(blockSize);
        this.images = images;
        this.clock = clock;
        this.progress = progress;
    }

    @Override
    void begin() {
        Future<?> unused = images.open(digest).whenComplete((opened, failure) -> {
            if (failure != null) {
                LOG.error("push ep={} image={} cannot be opened", endpoint(), digest, failure);
                end(new LinkFailed(Why.BROKEN));
                return;
            }
            synchronized (lock) {
                artifact = opened;
            }
            sendBlock();
        });
    }

    @Override
    void moved(Registration now, boolean anew) {
        boolean elsewhere = redirect(now);
        if (!anew) {
            if (elsewhere) {
                repeat();
            }
            return;
        }
        boolean again;
        boolean tooOften;
        synchronized (lock) {
            newRegistrations++;
            tooOften = newRegistrations > MAX_NEW_REGISTRATIONS;
            again = artifact != null && !tooOften;
            carriedOn = offset > 0;
        }
        if (tooOften) {
            end(new LinkFailed(Why.BROKEN));
        } else if (again) {
            LOG.debug("push ep={} goes on at {}: registered anew", endpoint(), offset());
            sendBlock();
        }
    }

    @Override
    void fenced() {
        end(new LinkFailed(Why.FENCED));
    }

    private long offset() {
        synchronized (lock) {
            return offset;
        }
    }

    private void sendBlock() {
        DeviceRequest request;
        try {
            synchronized (lock) {
                Artifact from = artifact;
                if (from == null) {
                    return;
                }
                int size = BlockOption.szx2Size(szx);
                long left = from.sizeBytes() - offset;
                length = (int) Math.min(size, left);
                ByteBuffer bytes = ByteBuffer.allocate(length);
                from.read(offset, bytes);
                if (bytes.hasRemaining()) {
                    throw new IOException("artifact " + digest + " ends at " + (offset + bytes.position())
                            + " (expected: " + from.sizeBytes() + " bytes)");
                }
                request = DeviceRequest.packageBlock(registration(), target, bytes.array(), dispatch);
                request.getOptions().setContentFormat(MediaTypeRegistry.APPLICATION_OCTET_STREAM);
                request.getOptions().setBlock1(szx, left > size, (int) (offset / size));
                if (offset == 0) {
                    request.getOptions().setSize1((int) Math.min(Integer.MAX_VALUE, from.sizeBytes()));
                }
                // One token for the whole transfer: some devices answer 4.08 to a block that comes with another.
                request.setToken(token);
                sent = request;
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.error("push ep={} image={} offset={} unreadable", endpoint(), digest, offset, e);
            images.distrust(digest);
            end(new LinkFailed(Why.BROKEN));
            return;
        }
        send(request, response -> answered(request, response));
    }

    private void answered(DeviceRequest block, Response response) {
        int code = code(response);
        boolean go;
        synchronized (lock) {
            if (block != sent) {
                return;
            }
            token = block.getToken();
            boolean lostItsPlace = carriedOn && code / 100 != 2;
            carriedOn = false;
            if (lostItsPlace) {
                fromTheStart();
                go = true;
            } else {
                go = switch (code) {
                    case INCOMPLETE -> restartOnce();
                    case TOO_LARGE -> restartSmaller(response);
                    default -> (code == CONTINUE || code / 100 == 2) && accepted(response);
                };
            }
        }
        if (go) {
            sendBlock();
        } else if (code / 100 == 2) {
            end(new UpdateSignal.PackageAccepted());
        } else {
            end(new UpdateSignal.Refused(code));
        }
    }

    /** @return whether more is to be sent */
    private boolean accepted(Response response) {
        Artifact from = artifact;
        if (from == null) {
            return false;
        }
        offset += length;
        boolean more = offset < from.sizeBytes();
        BlockOption asked = response.getOptions().getBlock1();
        if (asked != null && asked.getSzx() < szx) {
            szx = asked.getSzx();
        }
        long now = clock.millis();
        if (!more || now >= progressDue) {
            progressDue = now + 1000;
            progress.accept(offset);
        }
        return more;
    }

    private boolean restartOnce() {
        if (restarted) {
            return false;
        }
        restarted = true;
        fromTheStart();
        return true;
    }

    private boolean restartSmaller(Response response) {
        BlockOption asked = response.getOptions().getBlock1();
        if (asked == null || asked.getSzx() >= szx) {
            return false;
        }
        szx = asked.getSzx();
        fromTheStart();
        return true;
    }

    private void fromTheStart() {
        offset = 0;
        token = null;
        sent = null;
    }
}
