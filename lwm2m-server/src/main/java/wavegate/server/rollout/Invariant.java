package wavegate.server.rollout;

import java.util.Locale;

/** What must hold in every rollout, whatever happens. A violation is an error of this program, or of a disk that lied to it. */
public enum Invariant {
    ONE_ACTIVE_UPDATE(1, true),
    RESERVED_WHILE_RUNNING(2, true),
    NOTHING_UNDER_A_KILL_SWITCH(3, true),
    KILL_SWITCH_REACHED_ALL(4, true),
    READ_BEFORE_SENT_AGAIN(5, true),
    CONSERVATION(6, false),
    FIXED_MEMBERSHIP(7, true),
    PASS_BEFORE_NEXT_WAVE(8, true),
    CONTROL_LEFT_ALONE(9, true),
    PASS_ON_EVIDENCE(10, true),
    ENDS_ARE_FINAL(11, false),
    CLOCKS_NOT_SHORTENED(12, true),
    PACKAGES_STAY(13, false),
    WITHIN_BUDGET(14, true),
    HUMANS_AUDITED(15, false);

    private final int number;
    private final boolean stops;

    Invariant(int number, boolean stops) {
        this.number = number;
        this.stops = stops;
    }

    public int number() {
        return number;
    }

    /** Whether firmware may have gone, or may next go, where it must not: the campaign is paused. */
    boolean stops() {
        return stops;
    }

    /** Kebab-case, as in the metric. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
