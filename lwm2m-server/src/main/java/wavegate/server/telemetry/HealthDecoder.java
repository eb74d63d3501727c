package wavegate.server.telemetry;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.leshan.core.node.LwM2mNode;
import org.eclipse.leshan.core.node.LwM2mObject;
import org.eclipse.leshan.core.node.LwM2mObjectInstance;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.core.node.LwM2mResource;
import org.eclipse.leshan.core.node.LwM2mResourceInstance;
import org.jspecify.annotations.Nullable;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.telemetry.HealthReport;
import wavegate.firmware.telemetry.Metric;

/** Finds metrics in LwM2M nodes. What is no number, not finite or negative is left out and counted. Any thread. */
final class HealthDecoder {
    private static final Duration OLDEST_BELIEVED = Duration.ofDays(400);
    private static final Duration FARTHEST_AHEAD = Duration.ofDays(1);

    private final AtomicLong garbage = new AtomicLong();

    /** @return empty if the nodes hold no metric */
    Optional<HealthReport> decode(
            Endpoint endpoint, @Nullable Instant deviceTime, Instant receivedAt, Map<LwM2mPath, LwM2mNode> nodes) {
        EnumMap<Metric, Double> values = new EnumMap<>(Metric.class);
        nodes.forEach((path, node) -> {
            if (node != null) {
                collect(path, node, values);
            }
        });
        return values.isEmpty()
                ? Optional.empty()
                : Optional.of(new HealthReport(endpoint, believed(deviceTime, receivedAt), receivedAt, values));
    }

    long garbage() {
        return garbage.get();
    }

    /** A device without a clock says 1970; one whose clock runs wild says anything. */
    private static Instant believed(@Nullable Instant deviceTime, Instant receivedAt) {
        return deviceTime == null
                        || deviceTime.isBefore(receivedAt.minus(OLDEST_BELIEVED))
                        || deviceTime.isAfter(receivedAt.plus(FARTHEST_AHEAD))
                ? receivedAt
                : deviceTime;
    }

    private void collect(LwM2mPath path, LwM2mNode node, Map<Metric, Double> values) {
        if (node instanceof LwM2mObject object) {
            object.getInstances().forEach((id, instance) -> collect(path.append(id), instance, values));
        } else if (node instanceof LwM2mObjectInstance instance) {
            instance.getResources().forEach((id, resource) -> collect(path.append(id), resource, values));
        } else {
            Metric.at(path.toString()).ifPresent(metric -> {
                OptionalDouble value = gravest(numbersIn(node));
                if (value.isPresent()) {
                    values.merge(metric, value.getAsDouble(), Math::max);
                }
            });
        }
    }

    private List<Double> numbersIn(LwM2mNode node) {
        List<Double> numbers = new ArrayList<>();
        if (node instanceof LwM2mResource resource && resource.isMultiInstances()) {
            addAll(resource.getInstances().values(), numbers);
        } else if (node instanceof LwM2mResource resource) {
            add(resource.getValue(), numbers);
        } else if (node instanceof LwM2mResourceInstance instance) {
            add(instance.getValue(), numbers);
        }
        return numbers;
    }

    private void addAll(Collection<LwM2mResourceInstance> instances, List<Double> numbers) {
        instances.forEach(instance -> add(instance.getValue(), numbers));
    }

    @SuppressWarnings("JavaUtilDate") // Leshan gives Time resources as Date.
    private void add(@Nullable Object value, List<Double> numbers) {
        double number = Double.NaN;
        if (value instanceof Number given) {
            number = given.doubleValue();
        } else if (value instanceof Date date) {
            number = date.getTime() / 1000.0;
        } else if (value instanceof Instant instant) {
            number = instant.getEpochSecond();
        }
        if (Double.isFinite(number) && number >= 0) {
            numbers.add(number);
        } else {
            garbage.incrementAndGet();
        }
    }

    private static OptionalDouble gravest(List<Double> numbers) {
        return numbers.stream().mapToDouble(Double::doubleValue).max();
    }
}
