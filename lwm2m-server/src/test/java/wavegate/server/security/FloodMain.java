package wavegate.server.security;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import wavegate.sim.coap.Transport;
import wavegate.sim.coap.Transports;

/** The attacker, a process of its own: so many datagrams a second at one port, from one source, from many or from anywhere. Says what it sent. */
public final class FloodMain {
    private static final int PREPARED = 20_000;

    private FloodMain() {}

    /** {@code coap|coaps}, port, datagrams a second, seconds, source addresses. */
    public static void main(String[] args) throws IOException {
        boolean dtls = args[0].equals("coaps");
        InetSocketAddress target = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[1]));
        int rate = Integer.parseInt(args[2]);
        long nanos = Long.parseLong(args[3]) * 1_000_000_000L;
        int sources = Integer.parseInt(args[4]);
        Datagrams datagrams = new Datagrams(42);
        byte[][] prepared = new byte[PREPARED][];
        for (int i = 0; i < PREPARED; i++) {
            prepared[i] = dtls ? datagrams.hostileDtls() : datagrams.hostileCoap();
        }
        int[] nameAt = new int[PREPARED];
        for (int i = 0; i < PREPARED; i++) {
            nameAt[i] = new String(prepared[i], StandardCharsets.ISO_8859_1).indexOf("ep=x") + 4;
        }
        SplittableRandom random = new SplittableRandom(7);
        long sent = 0;
        try (Transport transport = Transports.open(Transports.Kind.PKTINFO, sources, target)) {
            System.out.println("begun");
            long begun = System.nanoTime();
            long elapsed = 0;
            while (elapsed < nanos) {
                long due = elapsed * rate / 1_000_000_000L;
                if (sent >= due) {
                    LockSupport.parkNanos(500_000);
                }
                for (; sent < due; sent++) {
                    int which = random.nextInt(PREPARED);
                    freshen(prepared[which], nameAt[which], dtls, random);
                    transport.send(random.nextInt(sources), target, prepared[which]);
                }
                transport.poll(0, (device, peer, datagram) -> {});
                elapsed = System.nanoTime() - begun;
            }
            System.out.println("sent " + sent + " " + elapsed);
        }
        System.exit(0);
    }

    /** No two are alike: another message id or random, and another name for each Register. */
    private static void freshen(byte[] datagram, int nameAt, boolean dtls, SplittableRandom random) {
        int at = dtls ? 27 : 2;
        if (datagram.length < at + 4) {
            return;
        }
        int bits = random.nextInt();
        datagram[at] = (byte) bits;
        datagram[at + 1] = (byte) (bits >> 8);
        if (!dtls && nameAt >= 4 && datagram.length >= nameAt + 8) {
            for (int i = 0; i < 8; i++) {
                datagram[nameAt + i] = (byte) Character.forDigit(random.nextInt(16), 16);
            }
        }
    }
}
