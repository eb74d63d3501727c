package wavegate.bootstrap.credential;

/** What a credential is shown for. One that opens the bootstrap server opens no LwM2M server, and the other way round. */
public enum Use {
    BOOTSTRAP,
    LWM2M
}
