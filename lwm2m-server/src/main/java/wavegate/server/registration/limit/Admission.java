package wavegate.server.registration.limit;

/** What a gate says of one datagram. */
public enum Admission {
    ADMITTED,
    /** Cannot be a message of this protocol. */
    MALFORMED,
    /** A DTLS record of no session that is open here. */
    NO_SESSION,
    /** Its source has sent more than its share. */
    SOURCE,
    /** All strangers together have sent more than is taken from strangers. */
    STRANGERS,
    /** The known devices of its source have sent more than their share. */
    KNOWN,
    /** Too many admitted datagrams wait already. */
    BACKLOG
}
