package wavegate.sim.device;

import java.util.random.RandomGenerator;

/** One package on its way in: its running digests, and the faults this transfer is to suffer. */
final class Transfer {
    /** The header of an image fits below; a byte flipped behind it spoils the CRC and not the type. */
    private static final int CLEAN_BYTES = 1024;

    private static final int LATEST_REBOOT_BLOCK = 64;

    private final ImageParser parser = new ImageParser();
    private boolean corrupt;
    private int blocksToReboot;

    Transfer(DeviceSettings.Faults faults, RandomGenerator random) {
        this.corrupt = random.nextDouble() < faults.corruptTransfers();
        this.blocksToReboot =
                random.nextDouble() < faults.rebootsDuringDownload() ? 1 + random.nextInt(LATEST_REBOOT_BLOCK) : 0;
    }

    ImageParser parser() {
        return parser;
    }

    long received() {
        return parser.received();
    }

    /** @return whether the device loses power right after this block */
    boolean accept(byte[] block, boolean last) {
        if (corrupt && block.length > 0 && (last || received() + block.length > CLEAN_BYTES)) {
            corrupt = false;
            byte[] spoilt = block.clone();
            spoilt[spoilt.length - 1] ^= 0x55;
            parser.feed(spoilt);
        } else {
            parser.feed(block);
        }
        return blocksToReboot > 0 && --blocksToReboot == 0 && !last;
    }
}
