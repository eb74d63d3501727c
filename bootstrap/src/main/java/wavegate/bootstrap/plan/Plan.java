package wavegate.bootstrap.plan;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The Deletes and Writes that give a device its servers, made from what it said it has:
 *
 * <pre>
 * Discover said                        Delete                    Security instances written
 * nothing (4.04, 4.05, 5.01 ...)       /0 and /1                 10, 11 ...
 * one account without ssid             /0 if there are others    lowest numbers that are not its own
 * several, or none without ssid        /0                        those of accounts with ssid, then 10, 11 ... if none is taken
 * </pre>
 *
 * The account without a short server id is the bootstrap server's; a client keeps it through the Delete of /0, and a Write over it would be
 * refused or would lock the device out. /1, /2 and /21 are emptied where something is in them.
 *
 * @param notes what was asked for and cannot be, for the audit
 */
public record Plan(List<Step> steps, List<String> notes) {
    /** Where a hidden bootstrap account hardly is. */
    private static final int UNLIKELY = 10;

    private static final long READ = 1;
    private static final long READ_WRITE_EXECUTE_DELETE = 15;

    public Plan {
        steps = List.copyOf(steps);
        notes = List.copyOf(notes);
    }

    /** @throws IllegalArgumentException if there is no server, or two share a short server id */
    public static Plan of(Discovered device, List<ServerAccount> servers) {
        requireDistinct(servers);
        List<Step> steps = new ArrayList<>(deletes(device));
        List<String> notes = new ArrayList<>();
        Iterator<Integer> security = securityNumbers(device);
        Iterator<Integer> oscore = IntStream.iterate(0, i -> i + 1)
                .filter(i -> !device.instancesOf(ObjectId.OSCORE).contains(i))
                .iterator();
        List<Step> serverWrites = new ArrayList<>();
        int serverNumber = 0;
        for (ServerAccount server : servers) {
            List<Resource> link = List.of();
            if (server.oscore().isPresent()) {
                int number = oscore.next();
                serverWrites.add(new Step.Write(
                        ObjectId.OSCORE, number, oscore(server.oscore().get())));
                link = List.of(new Resource(17, new Resource.Link(ObjectId.OSCORE, number)));
            }
            steps.add(new Step.Write(ObjectId.SECURITY, security.next(), security(server, link)));
            serverWrites.add(new Step.Write(ObjectId.SERVER, serverNumber++, server(server)));
        }
        steps.addAll(serverWrites);
        steps.addAll(accessControl(device, servers, notes));
        return new Plan(steps, notes);
    }

    private static void requireDistinct(List<ServerAccount> servers) {
        Set<Integer> ids = new HashSet<>();
        for (ServerAccount server : servers) {
            if (!ids.add(server.shortServerId())) {
                throw new IllegalArgumentException("short server id " + server.shortServerId() + " occurs twice");
            }
        }
        if (servers.isEmpty()) {
            throw new IllegalArgumentException("no server (expected: at least one)");
        }
    }

    private static List<Step> deletes(Discovered device) {
        if (device.extent() == Discovered.Extent.NOTHING) {
            return List.of(new Step.Delete(ObjectId.SECURITY), new Step.Delete(ObjectId.SERVER));
        }
        SortedSet<Integer> kept = device.bootstrapAccounts();
        boolean onlyBootstrap =
                kept.size() == 1 && device.instancesOf(ObjectId.SECURITY).size() == 1;
        return Stream.of(ObjectId.SECURITY, ObjectId.SERVER, ObjectId.ACCESS_CONTROL, ObjectId.OSCORE)
                .filter(object -> object == ObjectId.SECURITY
                        ? !onlyBootstrap
                        : !device.instancesOf(object).isEmpty())
                .<Step>map(Step.Delete::new)
                .toList();
    }

    private static Iterator<Integer> securityNumbers(Discovered device) {
        SortedSet<Integer> kept = device.bootstrapAccounts();
        if (kept.size() == 1) {
            return IntStream.iterate(0, i -> i + 1)
                    .filter(i -> !kept.contains(i))
                    .iterator();
        }
        SortedSet<Integer> ordinary = new TreeSet<>(device.instancesOf(ObjectId.SECURITY));
        ordinary.removeAll(kept);
        return IntStream.concat(
                        ordinary.stream().mapToInt(i -> i),
                        IntStream.iterate(UNLIKELY, i -> i + 1).filter(i -> !kept.contains(i) && !ordinary.contains(i)))
                .iterator();
    }

    private static List<Resource> security(ServerAccount server, List<Resource> link) {
        List<Resource> resources = new ArrayList<>(List.of(
                Resource.text(0, server.uri()),
                Resource.truth(1, false),
                Resource.whole(2, server.keys().mode()),
                Resource.opaque(3, server.keys().publicKeyOrIdentity()),
                Resource.opaque(4, server.keys().serverPublicKey()),
                Resource.opaque(5, server.keys().secret()),
                Resource.whole(10, server.shortServerId())));
        resources.addAll(link);
        return resources;
    }

    private static List<Resource> server(ServerAccount server) {
        return List.of(
                Resource.whole(0, server.shortServerId()),
                Resource.whole(1, server.lifetimeSeconds()),
                Resource.truth(6, true),
                Resource.text(7, server.binding()));
    }

    private static List<Resource> oscore(ServerAccount.OscoreKeys keys) {
        return List.of(
                Resource.opaque(0, keys.masterSecret()),
                Resource.opaque(1, keys.senderId()),
                Resource.opaque(2, keys.recipientId()),
                Resource.opaque(5, keys.masterSalt()));
    }

    /** One instance of object 2 for each instance of an object that a server owns: its owners may change it, the others may read it. */
    private static List<Step> accessControl(Discovered device, List<ServerAccount> servers, List<String> notes) {
        Map<Integer, List<Integer>> owners = new TreeMap<>();
        for (ServerAccount server : servers) {
            server.owns().forEach(object -> owners.computeIfAbsent(object, o -> new ArrayList<>())
                    .add(server.shortServerId()));
        }
        if (owners.isEmpty()) {
            return List.of();
        }
        if (!device.objects().contains(ObjectId.ACCESS_CONTROL)) {
            notes.add("no access control: the device did not name object 2");
            return List.of();
        }
        List<Step> writes = new ArrayList<>();
        owners.forEach((object, ids) -> {
            if (device.instancesOf(object).isEmpty()) {
                notes.add("no access control for object " + object + ": the device named no instance");
            }
            for (int instance : device.instancesOf(object)) {
                Map<Integer, Long> rights = new TreeMap<>();
                servers.forEach(server -> rights.put(
                        server.shortServerId(),
                        ids.contains(server.shortServerId()) ? READ_WRITE_EXECUTE_DELETE : READ));
                writes.add(new Step.Write(
                        ObjectId.ACCESS_CONTROL,
                        writes.size(),
                        List.of(
                                Resource.whole(0, object),
                                Resource.whole(1, instance),
                                new Resource(2, new Resource.Wholes(rights)),
                                Resource.whole(3, ids.get(0)))));
            }
        });
        return writes;
    }
}
