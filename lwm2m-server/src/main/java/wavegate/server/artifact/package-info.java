/**
 * Bytes that go to devices: the store of artifacts by digest, the signed envelope packages come in, and the keys they are signed with. The
 * private key is used by the offline commands alone; a server holds public keys only. Any thread.
 */
@NullMarked
package wavegate.server.artifact;

import org.jspecify.annotations.NullMarked;
