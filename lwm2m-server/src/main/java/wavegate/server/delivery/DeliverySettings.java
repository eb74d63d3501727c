package wavegate.server.delivery;

import java.time.Duration;

/**
 * How devices are spoken to.
 *
 * @param blockSize largest block pushed or served: 16, 32 ... 1024 bytes; a device may ask for smaller ones
 * @param responseTimeout how long a request may stay without an answer, retransmissions included; longer than 93 s, the longest CoAP itself takes
 * @param queueLength requests that may wait for one device
 * @param readsPerSecond pace of reads that nobody waits for
 * @param maxPacedReads such reads that may wait; what is beyond is dropped and asked again at the next registration
 * @param hintDebounce quiet time after the last notification before a hint is given
 * @param awakeTime how long a queue-mode device listens after it was heard
 * @param coapBase {@code coap://host:port} as devices reach it; empty if NoSec is off
 * @param coapsBase {@code coaps://host:port} as devices reach it; empty if off
 */
public record DeliverySettings(
        int blockSize,
        Duration responseTimeout,
        int queueLength,
        int readsPerSecond,
        int maxPacedReads,
        Duration hintDebounce,
        Duration awakeTime,
        String coapBase,
        String coapsBase) {
    public DeliverySettings {
        if (Integer.bitCount(blockSize) != 1 || blockSize < 16 || blockSize > 1024) {
            throw new IllegalArgumentException("block size: " + blockSize + " (expected: 16, 32, 64 ... 1024 bytes)");
        }
        if (queueLength < 1 || readsPerSecond < 1 || maxPacedReads < 1) {
            throw new IllegalArgumentException("queue length, reads per second, paced reads: " + queueLength + ", "
                    + readsPerSecond + ", " + maxPacedReads + " (expected: at least 1)");
        }
        checkBase("coap://", coapBase);
        checkBase("coaps://", coapsBase);
    }

    public static DeliverySettings reachableAt(String coapBase, String coapsBase) {
        return new DeliverySettings(
                1024,
                Duration.ofSeconds(110),
                8,
                200,
                100_000,
                Duration.ofSeconds(1),
                Duration.ofSeconds(93),
                coapBase,
                coapsBase);
    }

    /** Characters of the longest Package URI handed out. */
    public int longestUri() {
        return PackageUris.length(coapBase.length() > coapsBase.length() ? coapBase : coapsBase);
    }

    private static void checkBase(String scheme, String base) {
        // 255 characters of Package URI, less "/fw/" and a token.
        if (!base.isEmpty() && (!base.startsWith(scheme) || base.endsWith("/") || base.length() > 200)) {
            throw new IllegalArgumentException(
                    "base URI: \"" + base + "\" (expected: " + scheme + "host:port, at most 200 characters)");
        }
    }
}
