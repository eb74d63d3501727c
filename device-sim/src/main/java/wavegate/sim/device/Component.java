package wavegate.sim.device;

import java.util.List;

/**
 * One of several parts of a module, each with firmware of its own: an instance of object 33629. {@code linked} are updated in one batch with
 * it unless the server says otherwise; while one of {@code conflicting} holds or fetches an image, this one takes none.
 */
record Component(int instance, String name, List<Integer> linked, List<Integer> conflicting) {
    static final List<Component> ALL = List.of(
            new Component(0, "application", List.of(1), List.of(2)),
            new Component(1, "modem", List.of(0), List.of(2)),
            new Component(2, "bootloader", List.of(), List.of(0, 1)));
}
