/** Facts: what the ledger records and everything else is derived from. A fact carries the whole new value, so that applying one twice changes nothing. */
@NullMarked
package wavegate.firmware.event;

import org.jspecify.annotations.NullMarked;
