package wavegate.sim.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.junit.jupiter.api.Test;
import wavegate.sim.coap.CoapCodec;
import wavegate.sim.coap.Psk;

/** One module and its bootstrap server, message by message. */
class BootstrapSessionTest {
    private static final InetSocketAddress BOOTSTRAP = new InetSocketAddress(InetAddress.getLoopbackAddress(), 5784);
    private static final InetSocketAddress SHARD = new InetSocketAddress("127.0.0.1", 5684);
    private static final InetSocketAddress OTHER_SHARD = new InetSocketAddress("127.0.0.1", 5694);
    private static final byte[] KEY = {1, 2, 3, 4, 5, 6, 7, 8};

    private final DeviceRig rig = DeviceRig.bootstrapping(new FirstContact(BOOTSTRAP, true, true));

    private void asked() {
        rig.run(Duration.ofSeconds(1));
        Request request = (Request) rig.sent.remove();
        assertThat(request.getOptions().getUriPathString()).isEqualTo("bs");
        assertThat(request.getOptions().getUriQueryString())
                .contains("ep=urn:imei:")
                .contains("pct=11542");
        assertThat(rig.lastPeer).isEqualTo(BOOTSTRAP);
        Response response = new Response(ResponseCode.CHANGED);
        response.setType(CoAP.Type.ACK).setMID(request.getMID());
        response.setToken(request.getToken());
        rig.device.receive(rig.now, BOOTSTRAP, CoapCodec.encode(response));
    }

    private Response ask(CoAP.Code code, String path) {
        return rig.askFrom(BOOTSTRAP, DeviceRig.request(code, path));
    }

    private ResponseCode write(String path, TlvWriter payload) {
        Request request = DeviceRig.request(CoAP.Code.PUT, path);
        request.getOptions().setContentFormat(TlvWriter.CONTENT_FORMAT);
        request.setPayload(payload.bytes());
        return rig.askFrom(BOOTSTRAP, request).getCode();
    }

    private String discover(String path) {
        Request request = DeviceRig.request(CoAP.Code.GET, path);
        request.getOptions().setAccept(MediaTypeRegistry.APPLICATION_LINK_FORMAT);
        return rig.askFrom(BOOTSTRAP, request).getPayloadString();
    }

    private static TlvWriter security(int mode, InetSocketAddress server, String identity, byte[] key, int shortId) {
        String scheme = mode == 0 ? "coaps" : "coap";
        TlvWriter out = new TlvWriter();
        out.resource(0, new Value.Text(scheme + "://" + server.getHostString() + ":" + server.getPort()));
        out.resource(1, new Value.Whole(0));
        out.resource(2, new Value.Whole(mode));
        out.resource(3, new Value.Text(identity));
        out.resource(5, new Value.Text(new String(key, StandardCharsets.ISO_8859_1)));
        out.resource(10, new Value.Whole(shortId));
        return out;
    }

    private static TlvWriter server(int shortId, int lifetime) {
        TlvWriter out = new TlvWriter();
        out.resource(0, new Value.Whole(shortId));
        out.resource(1, new Value.Whole(lifetime));
        out.resource(7, new Value.Text("U"));
        return out;
    }

    private void bootstrapped(InetSocketAddress shard, String identity) {
        asked();
        assertThat(ask(CoAP.Code.DELETE, "0").getCode()).isEqualTo(ResponseCode.DELETED);
        assertThat(ask(CoAP.Code.DELETE, "1").getCode()).isEqualTo(ResponseCode.DELETED);
        assertThat(write("0/1", security(0, shard, identity, KEY, 123))).isEqualTo(ResponseCode.CHANGED);
        assertThat(write("1/3", server(123, 600))).isEqualTo(ResponseCode.CHANGED);
        assertThat(ask(CoAP.Code.POST, "bs").getCode()).isEqualTo(ResponseCode.CHANGED);
        rig.run(Duration.ofSeconds(1));
    }

    @Test
    void a_module_asks_is_told_and_registers_where_it_was_told() {
        rig.device.start(rig.now);
        asked();
        assertThat(discover("0")).isEqualTo("</>;lwm2m=1.1,</0/0>;uri=\"coaps://localhost:5784\"");
        assertThat(write("0/1", security(0, SHARD, "id-7", KEY, 123))).isEqualTo(ResponseCode.CHANGED);
        assertThat(write("1/3", server(123, 600))).isEqualTo(ResponseCode.CHANGED);
        assertThat(discover("0"))
                .endsWith(",</0/1>;ssid=123;uri=\"coaps://127.0.0.1:5684\"")
                .doesNotContain("id-7");
        assertThat(discover("1")).endsWith(",</1/3>;ssid=123");
        assertThat(ask(CoAP.Code.GET, "1/3").getPayload())
                .isEqualTo(server(123, 600).bytes());
        assertThat(ask(CoAP.Code.GET, "0/1").getCode()).isEqualTo(ResponseCode.METHOD_NOT_ALLOWED);
        assertThat(rig.device.report().server()).isEmpty();

        assertThat(ask(CoAP.Code.POST, "bs").getCode()).isEqualTo(ResponseCode.CHANGED);
        rig.run(Duration.ofSeconds(1));

        assertThat(rig.lastPeer).isEqualTo(SHARD);
        assertThat(rig.device.report().server()).isEqualTo("coaps://127.0.0.1:5684");
        assertThat(rig.device.keyFor(SHARD)).contains(new Psk("id-7", KEY));
        assertThat(rig.device.secures(BOOTSTRAP)).isTrue();
        assertThat(rig.device.counters().bootstraps()).isEqualTo(1);
    }

    @Test
    void a_finish_without_a_usable_server_is_refused_and_changes_nothing() {
        rig.device.start(rig.now);
        asked();
        assertThat(ask(CoAP.Code.POST, "bs").getCode()).isEqualTo(ResponseCode.NOT_ACCEPTABLE);
        assertThat(write("0/1", security(2, SHARD, "certificate", KEY, 123))).isEqualTo(ResponseCode.CHANGED);
        assertThat(write("1/0", server(123, 600))).isEqualTo(ResponseCode.CHANGED);
        assertThat(ask(CoAP.Code.POST, "bs").getCode()).isEqualTo(ResponseCode.NOT_ACCEPTABLE);
        assertThat(write("1/0", server(5, 600))).isEqualTo(ResponseCode.CHANGED);
        assertThat(ask(CoAP.Code.POST, "bs").getCode()).isEqualTo(ResponseCode.NOT_ACCEPTABLE);

        assertThat(rig.device.report().server()).isEmpty();
    }

    @Test
    void the_bootstrap_account_is_neither_deleted_nor_overwritten() {
        rig.device.start(rig.now);
        asked();
        assertThat(ask(CoAP.Code.DELETE, "0/0").getCode()).isEqualTo(ResponseCode.BAD_REQUEST);
        assertThat(write("0/0", security(0, SHARD, "id", KEY, 1))).isEqualTo(ResponseCode.BAD_REQUEST);
        assertThat(ask(CoAP.Code.DELETE, "").getCode()).isEqualTo(ResponseCode.DELETED);
        assertThat(discover("")).isEqualTo("</>;lwm2m=1.1,</0/0>;uri=\"coaps://localhost:5784\"");
    }

    @Test
    void nonsense_is_answered_and_never_thrown() {
        rig.device.start(rig.now);
        asked();
        TlvWriter empty = new TlvWriter();
        assertThat(write("0/1", empty)).isEqualTo(ResponseCode.BAD_REQUEST);
        assertThat(write("1", server(1, 60))).isEqualTo(ResponseCode.BAD_REQUEST);
        assertThat(ask(CoAP.Code.PUT, "1/0").getCode()).isEqualTo(ResponseCode.UNSUPPORTED_CONTENT_FORMAT);
        assertThat(ask(CoAP.Code.PUT, "7/0").getCode()).isEqualTo(ResponseCode.NOT_FOUND);
        assertThat(ask(CoAP.Code.POST, "0/1").getCode()).isEqualTo(ResponseCode.METHOD_NOT_ALLOWED);
        assertThat(ask(CoAP.Code.GET, "2/9").getCode()).isEqualTo(ResponseCode.NOT_FOUND);
    }

    @Test
    void a_session_in_which_the_server_falls_silent_is_begun_again() {
        rig.device.start(rig.now);
        asked();
        assertThat(write("0/1", security(0, SHARD, "id", KEY, 1))).isEqualTo(ResponseCode.CHANGED);

        rig.run(Duration.ofMinutes(5));

        asked();
        assertThat(discover("0")).doesNotContain("/0/1");
    }

    @Test
    void the_account_outlives_a_reboot() {
        rig.device.start(rig.now);
        bootstrapped(SHARD, "id-7");
        int before = rig.registers;

        assertThat(rig.askFrom(SHARD, DeviceRig.request(CoAP.Code.POST, "3/0/4"))
                        .getCode())
                .isEqualTo(ResponseCode.CHANGED);
        rig.run(Duration.ofMinutes(1));

        assertThat(rig.device.counters().boots()).isEqualTo(2);
        assertThat(rig.device.counters().bootstraps()).isEqualTo(1);
        assertThat(rig.registers).isGreaterThan(before);
        assertThat(rig.device.keyFor(SHARD)).contains(new Psk("id-7", KEY));
    }

    @Test
    void a_trigger_over_1_x_9_moves_the_module_to_another_shard() {
        rig.device.start(rig.now);
        bootstrapped(SHARD, "id-7");

        assertThat(rig.askFrom(SHARD, DeviceRig.request(CoAP.Code.POST, "1/3/9"))
                        .getCode())
                .isEqualTo(ResponseCode.CHANGED);
        bootstrapped(OTHER_SHARD, "id-8");

        assertThat(rig.device.report().server()).isEqualTo("coaps://127.0.0.1:5694");
        assertThat(rig.lastPeer).isEqualTo(OTHER_SHARD);
        assertThat(rig.ended).contains(SHARD);
        assertThat(rig.device.keyFor(OTHER_SHARD)).contains(new Psk("id-8", KEY));
        assertThat(rig.device.keyFor(SHARD)).isEmpty();
    }

    @Test
    void a_module_whose_server_is_gone_asks_the_bootstrap_server_again_and_keeps_its_account_meanwhile() {
        rig.device.start(rig.now);
        bootstrapped(SHARD, "id-7");
        rig.serverUp = false;
        rig.run(Duration.ofMinutes(40));
        rig.serverUp = true;
        rig.run(Duration.ofMinutes(10));

        assertThat(rig.renewed).contains(SHARD, BOOTSTRAP);
        assertThat(rig.device.report().server()).isEqualTo("coaps://127.0.0.1:5684");
    }

    @Test
    void a_module_without_a_bootstrap_server_refuses_the_trigger() {
        DeviceRig plain = new DeviceRig(DeviceProfile.SPEC).registered();

        assertThat(plain.execute("1/0/9")).isEqualTo(ResponseCode.NOT_FOUND);
    }
}
