package wavegate.server.rollout;

import wavegate.firmware.update.DispatchScope;

/** A message to a device that moves firmware or applies it. Whoever puts it on the wire asks the {@link Fence} at each send. */
public interface Dispatch {
    DispatchScope scope();
}
