package wavegate.bootstrap;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.eclipse.leshan.core.LwM2mId;
import org.eclipse.leshan.core.SecurityMode;
import org.eclipse.leshan.core.link.lwm2m.LwM2mLink;
import org.eclipse.leshan.core.link.lwm2m.attributes.LwM2mAttributes;
import org.eclipse.leshan.core.request.BindingMode;
import org.eclipse.leshan.core.request.BootstrapDeleteRequest;
import org.eclipse.leshan.core.request.BootstrapDiscoverRequest;
import org.eclipse.leshan.core.request.ContentFormat;
import org.eclipse.leshan.core.response.BootstrapDiscoverResponse;
import org.eclipse.leshan.core.response.LwM2mResponse;
import org.eclipse.leshan.server.bootstrap.BootstrapConfig.ServerConfig;
import org.eclipse.leshan.server.bootstrap.BootstrapConfig.ServerSecurity;
import org.eclipse.leshan.server.bootstrap.BootstrapSession;
import org.eclipse.leshan.server.bootstrap.BootstrapTaskProvider;
import org.eclipse.leshan.server.bootstrap.BootstrapUtil;
import org.jspecify.annotations.Nullable;

/**
 * What a device is told, in order: Discover /0, Delete /0 and /1, Write one Security and one Server instance. A device keeps its bootstrap account
 * through the delete, and not always as instance 0, so the number of the new instance follows from what was discovered. Leshan finishes.
 */
final class AccountTasks implements BootstrapTaskProvider {
    /** Taken when a device cannot be asked: its bootstrap account is hardly there. */
    private static final int INSTANCE_IF_UNDISCOVERED = 10;

    private static final int SHORT_SERVER_ID = 1;
    private static final int SERVER_INSTANCE = 0;

    private final AccountSecurity accounts;

    AccountTasks(AccountSecurity accounts) {
        this.accounts = accounts;
    }

    @Override
    public @Nullable Tasks getTasks(BootstrapSession session, @Nullable List<LwM2mResponse> previous) {
        BootstrapAccount account = accounts.account(session.getEndpoint());
        if (account == null) {
            return null;
        }
        Tasks tasks = new Tasks();
        tasks.supportedObjects = Map.of(LwM2mId.SECURITY, "1.1", LwM2mId.SERVER, "1.1");
        tasks.requestsToSend = new ArrayList<>();
        if (previous == null) {
            tasks.requestsToSend.add(new BootstrapDiscoverRequest(LwM2mId.SECURITY));
            tasks.last = false;
            return tasks;
        }
        ContentFormat format = session.getContentFormat();
        tasks.requestsToSend.add(new BootstrapDeleteRequest(LwM2mId.SECURITY));
        tasks.requestsToSend.add(new BootstrapDeleteRequest(LwM2mId.SERVER));
        tasks.requestsToSend.add(BootstrapUtil.toWriteRequest(freeInstance(previous), security(account), format));
        tasks.requestsToSend.add(BootstrapUtil.toWriteRequest(SERVER_INSTANCE, server(account), format));
        return tasks;
    }

    /** The lowest instance that is not the bootstrap account, which is the one without a short server id. */
    private static int freeInstance(List<LwM2mResponse> previous) {
        if (previous.isEmpty()
                || !(previous.get(0) instanceof BootstrapDiscoverResponse discovered)
                || !discovered.isSuccess()) {
            return INSTANCE_IF_UNDISCOVERED;
        }
        for (LwM2mLink link : discovered.getObjectLinks()) {
            if (link.getPath().isObjectInstance()
                    && link.getPath().getObjectId() == LwM2mId.SECURITY
                    && !link.getAttributes().contains(LwM2mAttributes.SHORT_SERVER_ID)) {
                return link.getPath().getObjectInstanceId() == 0 ? 1 : 0;
            }
        }
        return INSTANCE_IF_UNDISCOVERED;
    }

    private static ServerSecurity security(BootstrapAccount account) {
        ServerSecurity security = new ServerSecurity();
        security.uri = account.serverUri();
        security.bootstrapServer = false;
        security.serverId = SHORT_SERVER_ID;
        boolean secure = account.serverIsSecure();
        security.securityMode = secure ? SecurityMode.PSK : SecurityMode.NO_SEC;
        security.publicKeyOrId = secure ? account.serverIdentity().getBytes(StandardCharsets.UTF_8) : new byte[0];
        security.secretKey = secure ? account.serverKey() : new byte[0];
        security.serverPublicKey = new byte[0];
        return security;
    }

    private static ServerConfig server(BootstrapAccount account) {
        ServerConfig server = new ServerConfig();
        server.shortId = SHORT_SERVER_ID;
        server.lifetime = (int) account.lifetimeSeconds();
        server.binding = BindingMode.parse(account.binding());
        return server;
    }
}
