/**
 * The server beside bare Leshan under the same load. Two child processes, one of each, speak over their standard streams to the benchmark in this
 * one, whose single thread is the load generator. Nothing here is part of a running server.
 */
@NullMarked
package wavegate.server.bench;

import org.jspecify.annotations.NullMarked;
