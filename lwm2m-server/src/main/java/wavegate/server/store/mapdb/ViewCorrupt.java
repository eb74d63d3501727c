package wavegate.server.store.mapdb;

/** The view holds something it was not given. No answer was made of it; the view will be rebuilt from the ledger at the next start. */
public final class ViewCorrupt extends RuntimeException {
    ViewCorrupt(String message) {
        super(message);
    }

    ViewCorrupt(String message, Throwable cause) {
        super(message, cause);
    }
}
