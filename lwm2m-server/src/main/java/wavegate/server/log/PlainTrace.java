package wavegate.server.log;

import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;

/** {@code %trace}: the stack trace, each line marked as one, so that the message of an exception cannot pass for a line of the log. */
public final class PlainTrace extends ThrowableProxyConverter {
    private static final int LONGEST = 40;

    @Override
    public String convert(ILoggingEvent event) {
        String trace = super.convert(event);
        if (trace.isEmpty()) {
            return trace;
        }
        StringBuilder plain = new StringBuilder(trace.length() + 256);
        trace.lines()
                .limit(LONGEST)
                .forEach(line -> plain.append("  | ").append(Plain.of(line)).append(System.lineSeparator()));
        return plain.toString();
    }
}
