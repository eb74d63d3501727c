package wavegate.server.registration.limit;

import java.net.Inet4Address;
import java.net.InetAddress;

/** Addresses as numbers. */
final class Source {
    private static final long V4 = 1L << 62;
    private static final long V6 = 1L << 63;

    private Source() {}

    /** The IPv4 /24 or IPv6 /48 of an address; never 0. */
    static long of(InetAddress address) {
        if (address instanceof Inet4Address) {
            // Its hash is the address itself, which is to be had in no other way without a new array.
            return V4 | ((address.hashCode() >>> 8) & 0xff_ffffL);
        }
        byte[] bytes = address.getAddress();
        long prefix = 0;
        for (int i = 0; i < 6; i++) {
            prefix = prefix << 8 | (bytes[i] & 0xff);
        }
        return V6 | prefix;
    }

    /** An address and port; two may share a number, which costs nobody more than a place in a memory. */
    static long caller(InetAddress address, int port) {
        return mixed(((long) address.hashCode() << 16 | port) ^ (address instanceof Inet4Address ? V4 : V6));
    }

    static long mixed(long value) {
        long v = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        v = (v ^ (v >>> 27)) * 0x94d049bb133111ebL;
        return v ^ (v >>> 31);
    }
}
