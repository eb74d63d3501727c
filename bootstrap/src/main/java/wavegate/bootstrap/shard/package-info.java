/**
 * Which LwM2M server a device belongs to: shards on a consistent-hash ring, and the operator's overrides. Pure values; any thread.
 */
@NullMarked
package wavegate.bootstrap.shard;

import org.jspecify.annotations.NullMarked;
