/** From evidence to verdict: pure functions over the two arms of a wave, with the statistics a gate rests on. */
@NullMarked
package wavegate.firmware.gate;

import org.jspecify.annotations.NullMarked;
