package wavegate.sim.device;

import java.util.Map;
import java.util.random.RandomGenerator;
import wavegate.firmware.object.UpdateResult;

/** What one device has drawn from the {@link Failures} of its fleet. Most have drawn nothing, and share one object. */
final class Fate {
    private static final int ALWAYS = -1;
    private static final Fate NOTHING = new Fate(0, 0, false, false, false);

    private final int result;
    private int left;
    private final boolean bricks;
    private final boolean reverts;
    private final boolean powerCuts;

    private Fate(int result, int left, boolean bricks, boolean reverts, boolean powerCuts) {
        this.result = result;
        this.left = left;
        this.bricks = bricks;
        this.reverts = reverts;
        this.powerCuts = powerCuts;
    }

    static Fate draw(Failures failures, RandomGenerator random) {
        if (failures.equals(Failures.NONE)) {
            return NOTHING;
        }
        double position = random.nextDouble();
        int result = 0;
        for (Map.Entry<Integer, Double> one : failures.results().entrySet()) {
            position -= one.getValue();
            if (position < 0) {
                result = one.getKey();
                break;
            }
        }
        boolean bricks = random.nextDouble() < failures.bricks();
        boolean reverts = random.nextDouble() < failures.reverts();
        boolean powerCuts = random.nextDouble() < failures.powerCuts();
        boolean plain = result == 0 && !bricks && !reverts && !powerCuts;
        int times = failures.times() == 0 ? ALWAYS : failures.times();
        return plain ? NOTHING : new Fate(result, times, bricks, reverts, powerCuts);
    }

    /** Whether the update in hand is to end with the result now; counts if so. */
    boolean strikes(UpdateResult code) {
        if (!bears(code)) {
            return false;
        }
        if (left != ALWAYS) {
            left--;
        }
        return true;
    }

    /** Whether it would, without counting. */
    boolean bears(UpdateResult code) {
        return result != 0 && result == code.code() && left != 0;
    }

    boolean bricks() {
        return bricks;
    }

    boolean reverts() {
        return reverts;
    }

    boolean powerCuts() {
        return powerCuts;
    }

    /** For the report: empty for a device with nothing to fear. */
    String label() {
        StringBuilder text = new StringBuilder(result == 0 ? "" : "result " + result);
        append(text, bricks, "brick");
        append(text, reverts, "revert");
        append(text, powerCuts, "power cuts");
        return text.toString();
    }

    private static void append(StringBuilder text, boolean applies, String word) {
        if (applies) {
            text.append(text.isEmpty() ? "" : ", ").append(word);
        }
    }
}
