package wavegate.bootstrap;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.leshan.core.link.Link;
import org.eclipse.leshan.core.link.lwm2m.LwM2mLink;
import org.eclipse.leshan.core.link.lwm2m.LwM2mLinkParser;
import org.eclipse.leshan.core.model.LwM2mModel;
import org.eclipse.leshan.core.model.ObjectLoader;
import org.eclipse.leshan.core.model.ObjectModel;
import org.eclipse.leshan.core.model.StaticModel;
import org.eclipse.leshan.core.node.LwM2mMultipleResource;
import org.eclipse.leshan.core.node.LwM2mNode;
import org.eclipse.leshan.core.node.LwM2mObject;
import org.eclipse.leshan.core.node.LwM2mObjectInstance;
import org.eclipse.leshan.core.node.LwM2mResource;
import org.eclipse.leshan.core.node.LwM2mSingleResource;
import org.eclipse.leshan.core.node.ObjectLink;
import wavegate.bootstrap.plan.Resource;
import wavegate.bootstrap.plan.Step;

/** A plan's values as Leshan's nodes, and back. */
final class WireNodes {
    private WireNodes() {}

    /** Newest of each object a bootstrap server speaks of. */
    static LwM2mModel model() {
        Map<Integer, ObjectModel> newest = new HashMap<>();
        Comparator<String> versions = Comparator.comparingDouble(Double::parseDouble);
        for (ObjectModel model : ObjectLoader.loadAllDefault()) {
            newest.merge(model.id, model, (a, b) -> versions.compare(a.version, b.version) < 0 ? b : a);
        }
        return new StaticModel(newest.values());
    }

    static LwM2mObjectInstance instance(Step.Write write) {
        return new LwM2mObjectInstance(
                write.instance(),
                write.resources().stream().map(WireNodes::resource).toList());
    }

    private static LwM2mResource resource(Resource resource) {
        int id = resource.id();
        Resource.Value value = resource.value();
        if (value instanceof Resource.Text text) {
            return LwM2mSingleResource.newStringResource(id, text.text());
        } else if (value instanceof Resource.Whole whole) {
            return LwM2mSingleResource.newIntegerResource(id, whole.number());
        } else if (value instanceof Resource.Truth truth) {
            return LwM2mSingleResource.newBooleanResource(id, truth.holds());
        } else if (value instanceof Resource.Opaque opaque) {
            return LwM2mSingleResource.newBinaryResource(id, opaque.bytes());
        } else if (value instanceof Resource.Link link) {
            return LwM2mSingleResource.newObjectLinkResource(id, new ObjectLink(link.object(), link.instance()));
        }
        return LwM2mMultipleResource.newIntegerResource(id, ((Resource.Wholes) value).numbers());
    }

    /** Short server id (resource 0) of each Server instance that was read. */
    static Map<Integer, Integer> shortServerIds(LwM2mNode read) {
        Map<Integer, Integer> ids = new HashMap<>();
        if (read instanceof LwM2mObject object) {
            for (LwM2mObjectInstance instance : object.getInstances().values()) {
                LwM2mResource id = instance.getResource(0);
                if (id != null && !id.isMultiInstances() && id.getValue() instanceof Long number) {
                    ids.put(instance.getId(), (int) Math.max(0, Math.min(65_535, number)));
                }
            }
        }
        return ids;
    }

    /** Leaves reading to {@link wavegate.bootstrap.plan.Discovered}: Leshan's parser refuses what some clients write. */
    static final class UnreadLinks implements LwM2mLinkParser {
        private static final List<LwM2mLink> NONE = List.of();

        @Override
        public LwM2mLink[] parseLwM2mLinkFromCoreLinkFormat(byte[] bytes, String rootPath) {
            return NONE.toArray(LwM2mLink[]::new);
        }

        @Override
        public Link[] parseCoreLinkFormat(byte[] bytes) {
            return new Link[0];
        }
    }
}
