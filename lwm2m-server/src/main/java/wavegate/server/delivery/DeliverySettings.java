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
 * @param uris where images are handed out
 */
public record DeliverySettings(
        int blockSize,
        Duration responseTimeout,
        int queueLength,
        int readsPerSecond,
        int maxPacedReads,
        Duration hintDebounce,
        Duration awakeTime,
        PackageUris uris) {
    public DeliverySettings {
        if (Integer.bitCount(blockSize) != 1 || blockSize < 16 || blockSize > 1024) {
            throw new IllegalArgumentException("block size: " + blockSize + " (expected: 16, 32, 64 ... 1024 bytes)");
        }
        if (queueLength < 1 || readsPerSecond < 1 || maxPacedReads < 1) {
            throw new IllegalArgumentException("queue length, reads per second, paced reads: " + queueLength + ", "
                    + readsPerSecond + ", " + maxPacedReads + " (expected: at least 1)");
        }
    }

    public static DeliverySettings reachableAt(PackageUris uris) {
        return new DeliverySettings(
                1024, Duration.ofSeconds(110), 8, 200, 100_000, Duration.ofSeconds(1), Duration.ofSeconds(93), uris);
    }
}
