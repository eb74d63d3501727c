/**
 * What a bootstrap server that runs by itself did, to whom and when, line by line on the disk. Written on whatever thread acts, one at a time,
 * and read by another process too.
 */
@NullMarked
package wavegate.bootstrap.audit;

import org.jspecify.annotations.NullMarked;
