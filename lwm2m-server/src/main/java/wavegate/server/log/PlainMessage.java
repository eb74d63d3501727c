package wavegate.server.log;

import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;

/** {@code %plain}: the message in one line. */
public final class PlainMessage extends ClassicConverter {
    private static final int LONGEST = 2_000;

    @Override
    public String convert(ILoggingEvent event) {
        String message = String.valueOf(event.getFormattedMessage());
        return message.length() <= LONGEST
                ? Plain.of(message)
                : Plain.of(message.substring(0, LONGEST)) + "... (" + message.length() + " characters)";
    }
}
