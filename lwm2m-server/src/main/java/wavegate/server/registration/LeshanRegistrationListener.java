package wavegate.server.registration;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.leshan.core.link.Link;
import org.eclipse.leshan.core.link.attributes.Attribute;
import org.eclipse.leshan.core.observation.Observation;
import org.eclipse.leshan.server.registration.Registration;
import org.eclipse.leshan.server.registration.RegistrationListener;
import org.eclipse.leshan.server.registration.RegistrationUpdate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.Labels;
import wavegate.server.rollout.Inbox;
import wavegate.server.rollout.RolloutInput;

/** Tells the loop who came and went. Called on CoAP protocol threads and on {@code registration-expiry}; translates, offers, returns. */
public final class LeshanRegistrationListener implements RegistrationListener {
    private static final Logger LOG = LoggerFactory.getLogger(LeshanRegistrationListener.class);

    private static final int RESTORED_AT_ONCE = 256;

    private final Inbox inbox;
    private final AtomicLong invalidLabels = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();

    public LeshanRegistrationListener(Inbox inbox) {
        this.inbox = inbox;
    }

    @Override
    public void registered(
            Registration registration,
            @Nullable Registration previous,
            @Nullable Collection<Observation> previousObservations) {
        Endpoint endpoint = new Endpoint(registration.getEndpoint());
        LOG.debug(
                "registered ep={} lt={} queue={}",
                endpoint,
                registration.getLifeTimeInSec(),
                registration.usesQueueMode());
        offer(new RolloutInput.Registered(endpoint, labels(registration)));
    }

    @Override
    public void updated(RegistrationUpdate update, Registration updated, Registration previous) {
        Endpoint endpoint = new Endpoint(updated.getEndpoint());
        if (inbox.concerns(endpoint)) {
            offer(new RolloutInput.RegistrationUpdated(endpoint));
        }
    }

    @Override
    public void unregistered(
            Registration registration,
            @Nullable Collection<Observation> observations,
            boolean expired,
            @Nullable Registration newRegistration) {
        if (newRegistration != null) {
            // Replaced: registered() follows and says it all.
            return;
        }
        Endpoint endpoint = new Endpoint(registration.getEndpoint());
        LOG.debug("deregistered ep={} expired={}", endpoint, expired);
        offer(new RolloutInput.Deregistered(endpoint));
    }

    /** Tells of registrations that were there before anyone could listen. */
    public void restored(Iterator<Registration> registrations) {
        List<RolloutInput.Registered> chunk = new ArrayList<>();
        while (registrations.hasNext()) {
            Registration registration = registrations.next();
            chunk.add(new RolloutInput.Registered(new Endpoint(registration.getEndpoint()), labels(registration)));
            if (chunk.size() == RESTORED_AT_ONCE || !registrations.hasNext()) {
                offer(new RolloutInput.Restored(chunk));
                chunk.clear();
            }
        }
    }

    /** Labels in registrations that were not taken because they were malformed. */
    public long invalidLabels() {
        return invalidLabels.get();
    }

    /** Inputs the inbox had no room for. */
    public long dropped() {
        return dropped.get();
    }

    private void offer(RolloutInput input) {
        if (!inbox.offer(input)) {
            dropped.incrementAndGet();
        }
    }

    /**
     * {@code region}, {@code carrier}, and {@code tag} or {@code tags} with several separated by blanks, commas or semicolons. What {@code delta}
     * names, or the attribute of that name of the link to Object 5, becomes the tag {@code delta:NAME}.
     */
    private Labels labels(Registration registration) {
        Map<String, String> attributes = registration.getAdditionalRegistrationAttributes();
        String patches = attributes.getOrDefault("delta", "") + " " + patchesOfLink(registration);
        if (attributes.isEmpty() && patches.isBlank()) {
            return Labels.NONE;
        }
        String region = checked(attributes.getOrDefault("region", ""));
        String carrier = checked(attributes.getOrDefault("carrier", ""));
        TreeSet<String> tags = new TreeSet<>();
        for (String key : new String[] {"tag", "tags"}) {
            for (String tag : attributes.getOrDefault(key, "").split("[ ,;]+", 17)) {
                String valid = checked(tag);
                if (!valid.isEmpty() && tags.size() < 16) {
                    tags.add(valid);
                }
            }
        }
        for (String patch : patches.strip().split("[ ,;]+", 5)) {
            String valid = checked(patch.isEmpty() ? "" : "delta:" + patch);
            if (!valid.isEmpty()) {
                tags.add(valid);
            }
        }
        return region.isEmpty() && carrier.isEmpty() && tags.isEmpty()
                ? Labels.NONE
                : new Labels(region, carrier, tags);
    }

    private static String patchesOfLink(Registration registration) {
        StringBuilder patches = new StringBuilder();
        for (Link link : registration.getObjectLinks()) {
            String path = link.getUriReference();
            if (path.equals("/5") || path.equals("/5/0")) {
                Attribute attribute = link.getAttributes().get("delta");
                if (attribute != null && attribute.hasValue()) {
                    patches.append(attribute.getValue()).append(' ');
                }
            }
        }
        return patches.toString();
    }

    private String checked(String label) {
        try {
            return new Labels(label, "", new TreeSet<>()).region();
        } catch (IllegalArgumentException e) {
            invalidLabels.incrementAndGet();
            return "";
        }
    }
}
