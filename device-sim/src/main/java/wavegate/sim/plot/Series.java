package wavegate.sim.plot;

import java.util.Arrays;

/** One curve: a name and a value for each moment of its {@link TimePlot}. Compared by identity of its values. */
public record Series(String name, double[] values) {
    public Series {
        values = values.clone();
    }

    double most() {
        return Arrays.stream(values).max().orElse(0);
    }

    @Override
    public double[] values() {
        return values.clone();
    }

    double at(int i) {
        return values[i];
    }

    int length() {
        return values.length;
    }
}
