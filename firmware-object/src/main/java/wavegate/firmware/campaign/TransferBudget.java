package wavegate.firmware.campaign;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.random.RandomGenerator;
import wavegate.firmware.update.UpdateId;

/**
 * How many images may travel at a time, and how many bytes of them may begin in a second: over everything and in each segment. Bytes are counted when
 * a transfer begins: an account earns {@code bytesPerSecond}, up to ten seconds of it, a transfer costs its whole size, that of the
 * image until it is known what travels, and none begins while an account is in debt. So the bytes begun in any time are at most what was earned in it, the burst and one image. A place that becomes free is given out
 * again a little later, at random, so that a fleet does not move in step.
 *
 * <p>Pure: time and randomness are arguments. For one thread.
 */
public final class TransferBudget {
    private static final double BURST_SECONDS = 10;

    /** What a share of the network is of. */
    public enum Kind {
        ALL,
        CAMPAIGN,
        REGION,
        CARRIER,
        CELL
    }

    /** A share of the network: one region, one carrier, one radio cell. */
    public record Segment(Kind kind, String name) {
        public static final Segment ALL = new Segment(Kind.ALL, "");
    }

    /** Of each segment of a kind; 0: no limit. */
    public record Limit(int transfers, long bytesPerSecond) {
        public static final Limit NONE = new Limit(0, 0);

        public Limit {
            if (transfers < 0 || bytesPerSecond < 0) {
                throw new IllegalArgumentException("budget: " + transfers + " transfers, " + bytesPerSecond
                        + " bytes per second (expected: 0 for no limit, or more)");
            }
        }
    }

    /**
     * @param jitter longest time a place stays empty; on the average it is half of it
     */
    public record Rules(Limit all, Limit region, Limit carrier, Limit cell, Duration jitter) {
        public static final Rules UNLIMITED = new Rules(Limit.NONE, Limit.NONE, Limit.NONE, Limit.NONE, Duration.ZERO);
    }

    private static final class Account {
        private int open;
        private double bytes;
        private long perSecond;
        private Instant asOf;
        private boolean paying;

        Account(Instant now) {
            asOf = now;
        }

        void earn(long rate, Instant now) {
            perSecond = rate;
            if (now.isAfter(asOf)) {
                bytes += rate * (Duration.between(asOf, now).toMillis() / 1000.0);
                asOf = now;
            }
            bytes = Math.min(rate * BURST_SECONDS, bytes);
        }

        Instant outOfDebt() {
            return asOf.plusMillis((long) Math.ceil(-bytes * 1000 / perSecond));
        }
    }

    /** {@code charged} are those of the segments that have a rate. */
    private record Transfer(List<Segment> segments, List<Segment> charged, long bytes, boolean moving) {}

    private record Leaving(Instant at, List<Segment> segments) {}

    /** An account that nobody transfers in is needed until then. */
    private record Paying(Instant until, Segment segment, Account account) {}

    private final Rules rules;
    private final RandomGenerator random;
    private final Map<Segment, Account> accounts = new HashMap<>();
    private final Map<UpdateId, Transfer> transfers = new HashMap<>();
    private final PriorityQueue<Leaving> leaving = new PriorityQueue<>((a, b) -> a.at().compareTo(b.at()));
    private final PriorityQueue<Paying> paying =
            new PriorityQueue<>((a, b) -> a.until().compareTo(b.until()));

    public TransferBudget(Rules rules, RandomGenerator random) {
        this.rules = rules;
        this.random = random;
    }

    /**
     * The first of the segments in which no transfer may begin now; empty if one may.
     *
     * @param ofCampaign bytes per second of the campaign among them; 0: no limit
     */
    public Optional<Segment> full(List<Segment> segments, long ofCampaign, Instant now) {
        release(now);
        return segments.stream()
                .filter(segment -> isFull(segment, limit(segment, ofCampaign), now))
                .findFirst();
    }

    private boolean isFull(Segment segment, Limit limit, Instant now) {
        Account account = accounts.get(segment);
        if (limit.equals(Limit.NONE) || account == null) {
            return false;
        }
        account.earn(limit.bytesPerSecond(), now);
        return (limit.transfers() > 0 && account.open >= limit.transfers())
                || (limit.bytesPerSecond() > 0 && account.bytes < 0);
    }

    /**
     * A transfer takes its place, whether or not there was one. Once more for the same update changes nothing.
     *
     * @param bytes of the whole image
     * @param moving whether its bytes have been counted before, as after a restart
     */
    public void begin(
            UpdateId update, List<Segment> segments, long ofCampaign, long bytes, boolean moving, Instant now) {
        List<Segment> charged = moving
                ? List.of()
                : segments.stream()
                        .filter(segment -> limit(segment, ofCampaign).bytesPerSecond() > 0)
                        .toList();
        if (transfers.putIfAbsent(update, new Transfer(List.copyOf(segments), charged, bytes, moving)) != null) {
            return;
        }
        segments.forEach(segment -> account(segment, now).open++);
        for (Segment segment : charged) {
            Account account = account(segment, now);
            account.earn(limit(segment, ofCampaign).bytesPerSecond(), now);
            account.bytes -= bytes;
        }
    }

    /**
     * The device of a transfer was found in other segments than it was reserved in: it leaves those it is not in, and takes a place in those it is.
     *
     * @return false if one of those it is in is full: it then keeps what it has, and is to be ended
     */
    public boolean relocate(UpdateId update, List<Segment> segments, long ofCampaign, Instant now) {
        Transfer transfer = transfers.get(update);
        if (transfer == null || transfer.segments().equals(segments)) {
            return true;
        }
        List<Segment> added = new ArrayList<>(segments);
        added.removeAll(transfer.segments());
        if (full(added, ofCampaign, now).isPresent()) {
            return false;
        }
        List<Segment> left = new ArrayList<>(transfer.segments());
        left.removeAll(segments);
        List<Segment> charged = new ArrayList<>(transfer.charged());
        for (Segment segment : added) {
            Account account = account(segment, now);
            account.open++;
            if (!transfer.moving() && limit(segment, ofCampaign).bytesPerSecond() > 0) {
                account.earn(limit(segment, ofCampaign).bytesPerSecond(), now);
                account.bytes -= transfer.bytes();
                charged.add(segment);
            }
        }
        if (!transfer.moving()) {
            left.stream().filter(charged::remove).forEach(segment -> account(segment, now).bytes += transfer.bytes());
        }
        leave(left);
        transfers.put(
                update, new Transfer(List.copyOf(segments), List.copyOf(charged), transfer.bytes(), transfer.moving()));
        return true;
    }

    /**
     * Bytes of it are under way: what it cost is spent.
     *
     * @param bytes what travels in truth, fewer than the image where it is a delta
     */
    public void moves(UpdateId update, long bytes, Instant now) {
        transfers.computeIfPresent(update, (id, transfer) -> {
            if (transfer.moving()) {
                return transfer;
            }
            transfer.charged().forEach(segment -> account(segment, now).bytes += transfer.bytes() - bytes);
            return new Transfer(transfer.segments(), transfer.charged(), bytes, true);
        });
    }

    /** It is over, or waits without bytes. One that never moved gives back what it cost. */
    public void end(UpdateId update, Instant now) {
        Transfer transfer = transfers.remove(update);
        if (transfer == null) {
            return;
        }
        if (!transfer.moving()) {
            transfer.charged().forEach(segment -> account(segment, now).bytes += transfer.bytes());
        }
        long jitter = rules.jitter().toMillis();
        if (transfer.moving() && jitter > 0) {
            leaving.add(new Leaving(now.plusMillis(random.nextLong(jitter + 1)), transfer.segments()));
        } else {
            leave(transfer.segments());
        }
    }

    private void release(Instant now) {
        for (Leaving next = leaving.peek(); next != null && !next.at().isAfter(now); next = leaving.peek()) {
            leaving.remove();
            leave(next.segments());
        }
        for (Paying next = paying.peek(); next != null && !next.until().isAfter(now); next = paying.peek()) {
            paying.remove();
            Account account = next.account();
            account.paying = false;
            if (account.open == 0) {
                account.earn(account.perSecond, now);
                close(next.segment(), account);
            }
        }
    }

    private void leave(List<Segment> segments) {
        for (Segment segment : segments) {
            Account account = accounts.get(segment);
            if (account != null) {
                account.open--;
                if (account.open == 0) {
                    close(segment, account);
                }
            }
        }
    }

    /** In debt it is needed until that is paid; else it says nothing. */
    private void close(Segment segment, Account account) {
        if (account.paying) {
            return;
        }
        if (account.bytes >= 0) {
            accounts.remove(segment);
        } else {
            account.paying = true;
            paying.add(new Paying(account.outOfDebt(), segment, account));
        }
    }

    private Account account(Segment segment, Instant now) {
        return accounts.computeIfAbsent(segment, key -> new Account(now));
    }

    private Limit limit(Segment segment, long ofCampaign) {
        return switch (segment.kind()) {
            case ALL -> rules.all();
            case CAMPAIGN -> new Limit(0, ofCampaign);
            case REGION -> rules.region();
            case CARRIER -> rules.carrier();
            case CELL -> rules.cell();
        };
    }
}
