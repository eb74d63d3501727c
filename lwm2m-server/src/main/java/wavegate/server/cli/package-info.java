/**
 * The command line. Commands that talk to a server use its REST API and nothing else; those that run something start it in this process.
 * One thread, the caller's.
 */
@NullMarked
package wavegate.server.cli;

import org.jspecify.annotations.NullMarked;
