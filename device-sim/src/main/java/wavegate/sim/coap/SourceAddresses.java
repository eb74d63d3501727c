package wavegate.sim.coap;

/** Device {@code i} speaks from 127.16.0.0 + i: all of 127/8 is local on Linux, and a device is recognised in any capture. */
final class SourceAddresses {
    static final int FIRST = (127 << 24) | (16 << 16);
    private static final int SUBSTITUTES = (127 << 24) | (14 << 16);
    /** 127.16.0.0 up to the end of 127/8. */
    static final int MAX_DEVICES = (128 << 24) - FIRST - 1;

    private SourceAddresses() {}

    static int of(int device) {
        return FIRST + device;
    }

    static int device(int address) {
        return address - FIRST;
    }

    /** Java refuses to bind 127.x.y.255, taking it for a broadcast address; such a device gets an even one from 127.14 on instead. */
    static int bindable(int device) {
        int address = of(device);
        return (address & 0xff) == 0xff ? SUBSTITUTES + (device >> 8) * 2 : address;
    }

    static byte[] bytes(int address) {
        return new byte[] {(byte) (address >> 24), (byte) (address >> 16), (byte) (address >> 8), (byte) address};
    }
}
