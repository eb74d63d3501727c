package wavegate.firmware.pkg;

import java.util.OptionalLong;

/**
 * A device as a package sees it. Texts are empty where nothing is known.
 *
 * @param manufacturer /3/0/0
 * @param model /3/0/1
 * @param hardware /3/0/18
 * @param carrier label of the device
 * @param region label of the device
 * @param runs /3/0/3
 * @param freeMemoryKb /3/0/10; empty if it was not read or the device lacks it
 */
public record Candidate(
        String manufacturer,
        String model,
        String hardware,
        String carrier,
        String region,
        FirmwareVersion runs,
        OptionalLong freeMemoryKb) {}
