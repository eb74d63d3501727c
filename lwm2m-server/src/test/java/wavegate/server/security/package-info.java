/** Attacks on a running server over the wire. Each test says in numbers what the attack cost the server. One thread per test. */
@NullMarked
package wavegate.server.security;

import org.jspecify.annotations.NullMarked;
