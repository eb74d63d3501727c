package wavegate.sim.device;

import wavegate.firmware.pkg.Sha256;

/** The header of a module image as parsed: what it claims, how long its payload is, and the digest its payload should have. {@code component} is empty for an image of any. */
record ImageHeader(
        String version,
        String model,
        String hardware,
        String partitionLayout,
        double crashMultiplier,
        double energyMultiplier,
        boolean failsToBoot,
        boolean neverConfirms,
        String component,
        long payloadBytes,
        Sha256 innerDigest) {}
