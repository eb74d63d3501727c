package wavegate.server.delivery.http;

import wavegate.server.delivery.Images;
import wavegate.server.delivery.PullProgress;
import wavegate.server.rollout.Fence;
import wavegate.server.rollout.PullGrants;

/** What images are handed out from; shared by all listeners, and with CoAP. */
public record ImageSource(PullGrants grants, Fence fence, Images images, PullProgress progress) {}
