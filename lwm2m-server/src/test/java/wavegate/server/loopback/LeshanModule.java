package wavegate.server.loopback;

import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.californium.core.CoapClient;
import org.eclipse.californium.core.CoapResponse;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.scandium.config.DtlsConfig;
import org.eclipse.leshan.client.LeshanClient;
import org.eclipse.leshan.client.LeshanClientBuilder;
import org.eclipse.leshan.client.californium.endpoint.CaliforniumClientEndpointsProvider;
import org.eclipse.leshan.client.californium.endpoint.coap.CoapOscoreProtocolProvider;
import org.eclipse.leshan.client.californium.endpoint.coaps.CoapsClientProtocolProvider;
import org.eclipse.leshan.client.object.Oscore;
import org.eclipse.leshan.client.object.Security;
import org.eclipse.leshan.client.object.Server;
import org.eclipse.leshan.client.resource.BaseInstanceEnabler;
import org.eclipse.leshan.client.resource.ObjectsInitializer;
import org.eclipse.leshan.client.send.ManualDataSender;
import org.eclipse.leshan.client.servers.LwM2mServer;
import org.eclipse.leshan.core.LwM2mId;
import org.eclipse.leshan.core.model.LwM2mModel;
import org.eclipse.leshan.core.model.ObjectModel;
import org.eclipse.leshan.core.model.ResourceModel;
import org.eclipse.leshan.core.model.StaticModel;
import org.eclipse.leshan.core.node.LwM2mResource;
import org.eclipse.leshan.core.oscore.OscoreSetting;
import org.eclipse.leshan.core.request.argument.Arguments;
import org.eclipse.leshan.core.response.ExecuteResponse;
import org.eclipse.leshan.core.response.ReadResponse;
import org.eclipse.leshan.core.response.WriteResponse;
import org.jspecify.annotations.Nullable;
import wavegate.bootstrap.credential.Credential;
import wavegate.server.registration.ObjectModels;

/** A device of Leshan's own client, with a Firmware Update and a Modem Health object of this test's making. */
final class LeshanModule implements AutoCloseable {
    final Firmware firmware = new Firmware();
    final Device device = new Device();
    final Health health = new Health();
    final ManualDataSender sender = new ManualDataSender();
    final LeshanClient client;

    LeshanModule(String endpoint, Security security, Map<String, String> attributes) {
        this(endpoint, security, attributes, false);
    }

    /** @param bootstrapping whether it comes without a Server object and is to be given one */
    LeshanModule(String endpoint, Security security, Map<String, String> attributes, boolean bootstrapping) {
        this(endpoint, security, attributes, bootstrapping, new Oscore[0]);
    }

    /** @param oscore instances of object 21, to which security may point */
    LeshanModule(
            String endpoint,
            Security security,
            Map<String, String> attributes,
            boolean bootstrapping,
            Oscore... oscore) {
        LwM2mModel model = new StaticModel(models());
        ObjectsInitializer objects = new ObjectsInitializer(model);
        objects.setInstancesForObject(LwM2mId.SECURITY, security);
        if (bootstrapping) {
            objects.setClassForObject(LwM2mId.SERVER, Server.class);
        } else {
            objects.setInstancesForObject(LwM2mId.SERVER, new Server(1, 300));
        }
        if (oscore.length > 0) {
            objects.setInstancesForObject(LwM2mId.OSCORE, oscore);
        } else {
            objects.setClassForObject(LwM2mId.OSCORE, Oscore.class);
        }
        objects.setInstancesForObject(LwM2mId.DEVICE, device);
        objects.setInstancesForObject(5, firmware);
        objects.setInstancesForObject(27001, health);
        CaliforniumClientEndpointsProvider.Builder endpoints = new CaliforniumClientEndpointsProvider.Builder(
                new CoapOscoreProtocolProvider(), new CoapsClientProtocolProvider());
        Configuration configuration = endpoints.createDefaultConfiguration();
        configuration.set(CoapConfig.MAX_RESOURCE_BODY_SIZE, 4 << 20);
        // Needs no connection id itself, and takes the server's.
        configuration.set(DtlsConfig.DTLS_CONNECTION_ID_LENGTH, 0);
        endpoints.setConfiguration(configuration);
        LeshanClientBuilder builder = new LeshanClientBuilder(endpoint);
        builder.setObjects(objects.createAll());
        builder.setEndpointsProviders(endpoints.build());
        builder.setAdditionalAttributes(attributes);
        builder.setDataSenders(sender);
        client = builder.build();
        client.start();
    }

    static LeshanModule noSec(String endpoint, ServerUnderTest server) {
        return new LeshanModule(endpoint, Security.noSec(server.coapUri(), 1), Map.of());
    }

    /** As the device has it: its sender id is the server's recipient id. */
    static LeshanModule oscore(String endpoint, int port, Credential.Oscore credential) {
        byte[] own = credential.recipientId();
        byte[] servers = credential.senderId();
        return new LeshanModule(
                endpoint,
                Security.oscoreOnly("coap://127.0.0.1:" + port, 1, 0),
                Map.of(),
                false,
                new Oscore(
                        0,
                        new OscoreSetting(
                                own,
                                servers,
                                credential.masterSecret(),
                                (Integer) null,
                                null,
                                credential.masterSalt())));
    }

    static LeshanModule psk(String endpoint, String identity, byte[] key, ServerUnderTest server) {
        return new LeshanModule(
                endpoint, Security.psk(server.coapsUri(), 1, identity.getBytes(StandardCharsets.UTF_8), key), Map.of());
    }

    /** Applies what it was given: State 0, result 1 and another version, then a registration as after a boot. */
    void bootsInto(String version) {
        device.version = version;
        firmware.become(0, 1);
        client.triggerRegistrationUpdate();
    }

    /** The server has answered the Register a moment before the client takes note of it. */
    LwM2mServer registeredAt() {
        await().until(() -> !client.getRegisteredServers().isEmpty());
        return client.getRegisteredServers().values().iterator().next();
    }

    private static List<ObjectModel> models() {
        try (java.io.InputStream xml = LeshanModule.class.getResourceAsStream("/wavegate/config/models/27001.xml")) {
            return List.copyOf(ObjectModels.builtIn()
                    .with("27001.xml", java.util.Objects.requireNonNull(xml))
                    .all());
        } catch (java.io.IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        client.destroy(false);
    }

    /** Manufacturer, model, version, battery and hardware version. */
    public static final class Device extends BaseInstanceEnabler {
        private static final Map<Integer, String> TEXTS = Map.of(0, "Acme", 1, "M-1", 18, "rev-b", 16, "U");
        volatile String version = "1.0.0";

        @Override
        public ReadResponse read(@Nullable LwM2mServer server, int resource) {
            if (resource == 9) {
                return ReadResponse.success(9, 87L);
            }
            if (resource == 11) {
                return ReadResponse.success(11, Map.of(0, 0L), ResourceModel.Type.INTEGER);
            }
            String text = resource == 3 ? version : TEXTS.get(resource);
            return text == null ? ReadResponse.notFound() : ReadResponse.success(resource, text);
        }

        @Override
        public List<Integer> getAvailableResourceIds(ObjectModel model) {
            return List.of(0, 1, 3, 9, 11, 16, 18);
        }
    }

    public static final class Health extends BaseInstanceEnabler {
        volatile long crashes = 3;
        volatile double energy = 12.5;

        @Override
        public ReadResponse read(@Nullable LwM2mServer server, int resource) {
            return switch (resource) {
                case 0 -> ReadResponse.success(0, crashes);
                case 1 -> ReadResponse.success(1, "none");
                case 2 -> ReadResponse.success(2, 5L);
                case 3 -> ReadResponse.success(3, 1234L);
                case 4 -> ReadResponse.success(4, energy);
                default -> ReadResponse.notFound();
            };
        }

        @Override
        public List<Integer> getAvailableResourceIds(ObjectModel model) {
            return List.of(0, 1, 2, 3, 4);
        }
    }

    /** Object 5 by the book: 0 to 2 at once when written, 0 to 1 to 2 when it fetches, 2 to 3 on Execute. */
    public static final class Firmware extends BaseInstanceEnabler {
        volatile long state;
        volatile long result;
        volatile byte[] image = new byte[0];
        final List<String> executed = new CopyOnWriteArrayList<>();
        volatile String uri = "";

        @Override
        public ReadResponse read(@Nullable LwM2mServer server, int resource) {
            return switch (resource) {
                case 3 -> ReadResponse.success(3, state);
                case 5 -> ReadResponse.success(5, result);
                case 8 -> ReadResponse.success(8, Map.of(0, 0L, 1, 1L, 2, 99L), ResourceModel.Type.INTEGER);
                case 9 -> ReadResponse.success(9, 2L);
                default -> ReadResponse.notFound();
            };
        }

        @Override
        public WriteResponse write(@Nullable LwM2mServer server, boolean replace, int resource, LwM2mResource value) {
            if (resource == 0) {
                byte[] bytes = (byte[]) value.getValue();
                if (Arrays.equals(bytes, new byte[1])) {
                    become(0, 0);
                } else {
                    image = bytes;
                    become(2, 0);
                }
                return WriteResponse.success();
            }
            if (resource == 1) {
                uri = (String) value.getValue();
                if (uri.isEmpty()) {
                    become(0, 0);
                } else {
                    become(1, 0);
                    Thread fetching = new Thread(this::fetch, "fetch");
                    fetching.setDaemon(true);
                    fetching.start();
                }
                return WriteResponse.success();
            }
            return WriteResponse.notFound();
        }

        @Override
        public ExecuteResponse execute(@Nullable LwM2mServer server, int resource, @Nullable Arguments arguments) {
            if (resource == 2 && state == 2) {
                executed.add(arguments == null ? "" : String.valueOf(arguments.serialize()));
                become(3, 0);
                return ExecuteResponse.success();
            }
            return ExecuteResponse.methodNotAllowed();
        }

        void become(long newState, long newResult) {
            result = newResult;
            state = newState;
            fireResourceChange(5);
            fireResourceChange(3);
        }

        private void fetch() {
            Configuration configuration = Configuration.createStandardWithoutFile();
            configuration.set(CoapConfig.MAX_RESOURCE_BODY_SIZE, 4 << 20);
            configuration.set(CoapConfig.PREFERRED_BLOCK_SIZE, 512);
            CoapEndpoint endpoint =
                    CoapEndpoint.builder().setConfiguration(configuration).build();
            CoapClient http = new CoapClient(uri).setEndpoint(endpoint).setTimeout(30_000L);
            try {
                CoapResponse response = http.get();
                if (response != null && response.isSuccess()) {
                    image = response.getPayload();
                    become(2, 0);
                } else {
                    become(0, response == null ? 4 : 7);
                }
            } catch (java.io.IOException | org.eclipse.californium.elements.exception.ConnectorException e) {
                become(0, 4);
            } finally {
                endpoint.destroy();
            }
        }

        @Override
        public List<Integer> getAvailableResourceIds(ObjectModel model) {
            return List.of(0, 1, 2, 3, 5, 8, 9);
        }
    }
}
