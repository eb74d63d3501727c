package wavegate.firmware.update;

/** How often each step was tried: {@code reads}, {@code deliveries}, {@code executes} in this attempt; {@code resets}, how far the client's list of resets was gone through in it; {@code integrityFailures} over all attempts; {@code boots} seen since Execute. */
public record Tries(int reads, int resets, int deliveries, int executes, int integrityFailures, int boots) {
    public static final Tries NONE = new Tries(0, 0, 0, 0, 0, 0);

    Tries read() {
        return new Tries(reads + 1, resets, deliveries, executes, integrityFailures, boots);
    }

    Tries answered() {
        return new Tries(0, resets, deliveries, executes, integrityFailures, boots);
    }

    /** @param place how many means of the client's list have been tried or passed over now */
    Tries resets(int place) {
        return new Tries(reads, place, deliveries, executes, integrityFailures, boots);
    }

    Tries delivery() {
        return new Tries(reads, resets, deliveries + 1, executes, integrityFailures, boots);
    }

    /** The delivery of another component begins. */
    Tries nextDelivery() {
        return new Tries(0, resets, 1, executes, integrityFailures, boots);
    }

    Tries execute() {
        return new Tries(reads, resets, deliveries, executes + 1, integrityFailures, 0);
    }

    Tries unexecuted() {
        return new Tries(reads, resets, deliveries, executes - 1, integrityFailures, boots);
    }

    Tries integrityFailure() {
        return new Tries(reads, resets, deliveries, executes, integrityFailures + 1, boots);
    }

    Tries boot() {
        return new Tries(reads, resets, deliveries, executes, integrityFailures, boots + 1);
    }

    Tries nextAttempt() {
        return new Tries(0, 0, 0, 0, integrityFailures, 0);
    }
}
