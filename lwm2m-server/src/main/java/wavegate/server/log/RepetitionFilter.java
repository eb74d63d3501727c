package wavegate.server.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;

/**
 * Keeps anybody from filling a disk with one line over and over: of a warning or error with the same words before its values are put in, twenty
 * are written and then one in ten seconds, with the number of those left out. What this server says of its own changes of state, at info, is not
 * limited. An error that leaves the process a wreck ends it here, since libraries log such errors and go on.
 */
public final class RepetitionFilter extends TurboFilter {
    private static final int BURST = 20;
    private static final long INTERVAL = TimeUnit.SECONDS.toNanos(10);
    private static final int THINGS = 1_024;
    private static final String LEFT_OUT = "left out count={} logger={} message=\"{}\"";

    private final RateLimit limit = new RateLimit(BURST, INTERVAL, THINGS, System.nanoTime());

    @Override
    public FilterReply decide(
            @Nullable Marker marker,
            Logger logger,
            Level level,
            @Nullable String format,
            Object @Nullable [] values,
            @Nullable Throwable thrown) {
        if (level.isGreaterOrEqual(Level.ERROR)) {
            FatalErrors.endIfFatal(thrown);
            FatalErrors.endIfFatal(
                    values != null && values.length > 0 && values[values.length - 1] instanceof Throwable last
                            ? last
                            : null);
        }
        if (format == null
                || level.levelInt < logger.getEffectiveLevel().levelInt
                || format.equals(LEFT_OUT)
                || (level.levelInt < Level.WARN_INT && logger.getName().startsWith("wavegate."))) {
            return FilterReply.NEUTRAL;
        }
        int leftOut = limit.pass(logger.getName() + ' ' + format, System.nanoTime());
        if (leftOut == RateLimit.SILENT) {
            return FilterReply.DENY;
        }
        if (leftOut > 0) {
            logger.warn(LEFT_OUT, leftOut, logger.getName(), format);
        }
        return FilterReply.NEUTRAL;
    }
}
