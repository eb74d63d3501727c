package wavegate.sim;

/**
 * What a fleet has sent and received: CoAP messages, and their bytes without the headers of UDP and IP (28 bytes more for each with IPv4).
 * {@code retransmitted} of those sent were repetitions.
 */
public record Traffic(long datagramsIn, long datagramsOut, long bytesIn, long bytesOut, long retransmitted) {
    public static final Traffic NONE = new Traffic(0, 0, 0, 0, 0);

    public long datagrams() {
        return datagramsIn + datagramsOut;
    }

    public Traffic minus(Traffic earlier) {
        return new Traffic(
                datagramsIn - earlier.datagramsIn,
                datagramsOut - earlier.datagramsOut,
                bytesIn - earlier.bytesIn,
                bytesOut - earlier.bytesOut,
                retransmitted - earlier.retransmitted);
    }
}
