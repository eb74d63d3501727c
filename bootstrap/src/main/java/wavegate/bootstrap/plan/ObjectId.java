package wavegate.bootstrap.plan;

/** Numbers of the LwM2M objects a bootstrap server writes. */
final class ObjectId {
    static final int SECURITY = 0;
    static final int SERVER = 1;
    static final int ACCESS_CONTROL = 2;
    static final int OSCORE = 21;

    private ObjectId() {}
}
