/**
 * One device's run in a campaign: its row, the signals it takes, the commands it asks for and the table that joins them. Pure; called on the
 * rollout thread.
 */
@NullMarked
package wavegate.firmware.update;

import org.jspecify.annotations.NullMarked;
