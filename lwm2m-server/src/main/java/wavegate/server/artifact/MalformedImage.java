package wavegate.server.artifact;

/** An image that is not what it begins as. The message says where and what was expected. */
public final class MalformedImage extends Exception {
    private static final long serialVersionUID = 1;

    public MalformedImage(String message) {
        super(message);
    }
}
