package wavegate.server.delivery;

import org.eclipse.californium.core.coap.CoAP.Code;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.server.registration.Registration;
import org.jspecify.annotations.Nullable;
import wavegate.firmware.update.DispatchScope;

/** A request to a device. One with a scope is a dispatch: {@link DeliveryStack} asks the fence before every send of it. */
final class DeviceRequest extends Request {
    private final @Nullable DispatchScope scope;
    private final boolean packageBlock;
    private volatile boolean dispatched;

    private DeviceRequest(Code code, @Nullable DispatchScope scope, boolean packageBlock) {
        super(code);
        this.scope = scope;
        this.packageBlock = packageBlock;
    }

    static DeviceRequest read(Registration to, LwM2mPath path) {
        return new DeviceRequest(Code.GET, null, false).to(to, path);
    }

    static DeviceRequest write(
            Registration to, LwM2mPath path, int contentFormat, byte[] value, @Nullable DispatchScope scope) {
        DeviceRequest request = new DeviceRequest(Code.PUT, scope, false).to(to, path);
        request.getOptions().setContentFormat(contentFormat);
        request.setPayload(value);
        return request;
    }

    static DeviceRequest execute(Registration to, LwM2mPath path, @Nullable DispatchScope scope) {
        return new DeviceRequest(Code.POST, scope, false).to(to, path);
    }

    /** @param argument as OMA writes arguments of Execute; empty: none, and no payload */
    static DeviceRequest execute(Registration to, LwM2mPath path, @Nullable DispatchScope scope, String argument) {
        DeviceRequest request = execute(to, path, scope);
        if (!argument.isEmpty()) {
            request.getOptions().setContentFormat(MediaTypeRegistry.TEXT_PLAIN);
            request.setPayload(argument);
        }
        return request;
    }

    /** A Write that carries its own Block1 option, past Californium's block-wise layer. */
    static DeviceRequest packageBlock(Registration to, LwM2mPath path, byte[] bytes, DispatchScope scope) {
        DeviceRequest request = new DeviceRequest(Code.PUT, scope, true).to(to, path);
        request.setPayload(bytes);
        return request;
    }

    /**
     * The same message to a device that has moved: message id and token stay, so that a device that already answered recognises it and answers
     * again instead of acting again.
     */
    DeviceRequest again() {
        DeviceRequest copy = new DeviceRequest(getCode(), scope, packageBlock);
        copy.setOptions(getOptions());
        copy.setPayload(getPayload());
        if (hasMID()) {
            copy.setMID(getMID());
        }
        copy.setToken(getToken());
        copy.dispatched = dispatched;
        return copy;
    }

    @Nullable DispatchScope scope() {
        return scope;
    }

    /** Whether it has passed the fence once, so that the device may have it. */
    boolean dispatched() {
        return dispatched;
    }

    void markDispatched() {
        dispatched = true;
    }

    boolean isPackageBlock() {
        return packageBlock;
    }

    private DeviceRequest to(Registration registration, LwM2mPath path) {
        for (String segment : registration.getRootPath().split("/", -1)) {
            if (!segment.isEmpty()) {
                getOptions().addUriPath(segment);
            }
        }
        getOptions().addUriPath(Integer.toString(path.getObjectId()));
        if (path.getObjectInstanceId() != null) {
            getOptions().addUriPath(Integer.toString(path.getObjectInstanceId()));
        }
        if (path.getResourceId() != null) {
            getOptions().addUriPath(Integer.toString(path.getResourceId()));
        }
        return this;
    }
}
