package wavegate.sim.device;

import wavegate.firmware.object.FirmwareUpdateObject;

/** What a server may wish of an update since object version 1.1: Severity, Maximum Defer Period, and since 1.2 Automatic Upgrade. */
final class UpdateWishes {
    private static final int MANDATORY = 1;
    private static final int OPTIONAL = 2;
    private static final int UNSAID = -1;

    private int severity = MANDATORY;
    private long mostDeferSeconds = UNSAID;
    private boolean automatic;

    int severity() {
        return severity;
    }

    /** Negative if nobody said. */
    long mostDeferSeconds() {
        return mostDeferSeconds;
    }

    boolean automatic() {
        return automatic;
    }

    /** @return false if that is no value of the resource */
    boolean write(int resource, String text) {
        if (!text.matches("[0-9]{1,9}|true|false")) {
            return false;
        }
        int number = text.equals("true") ? 1 : text.equals("false") ? 0 : Integer.parseInt(text);
        switch (resource) {
            case FirmwareUpdateObject.SEVERITY -> {
                severity = number <= OPTIONAL ? number : severity;
                return number <= OPTIONAL;
            }
            case FirmwareUpdateObject.MAXIMUM_DEFER_PERIOD -> {
                mostDeferSeconds = number;
                return true;
            }
            default -> {
                automatic = number > 1 ? automatic : number == 1;
                return number <= 1;
            }
        }
    }
}
