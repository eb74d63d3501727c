package wavegate.sim.device;

import java.util.List;

/**
 * One of several parts of a module, each with firmware of its own: an instance of object 33629. {@code linked} are updated in one batch with
 * it unless the server says otherwise; while one of {@code conflicting} holds or fetches an image, this one takes none.
 */
record Component(int instance, String name, List<Integer> linked, List<Integer> conflicting) {
    /** An application and its modem. */
    static final List<Component> TWO = List.of(
            new Component(0, "application", List.of(1), List.of()), new Component(1, "modem", List.of(0), List.of()));

    /** A bootloader besides, which is never updated together with them. */
    static final List<Component> THREE = List.of(
            new Component(0, "application", List.of(1), List.of(2)),
            new Component(1, "modem", List.of(0), List.of(2)),
            new Component(2, "bootloader", List.of(), List.of(0, 1)));

    /** A sensor hub besides, which is updated with the application where the server says so and not by itself. */
    static final List<Component> FOUR = List.of(
            new Component(0, "application", List.of(1), List.of(3)),
            new Component(1, "modem", List.of(0), List.of(3)),
            new Component(2, "sensors", List.of(), List.of()),
            new Component(3, "bootloader", List.of(), List.of(0, 1)));
}
