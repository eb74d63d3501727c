package wavegate.sim.device;

import java.util.List;

/** Whether the supply holds at an elementary write to flash. */
interface Power {
    enum Supply {
        HOLDS,
        /** Nothing is written. */
        CUT_BEFORE,
        /** What was being written cannot be read. */
        CUT_DURING,
        CUT_AFTER
    }

    List<Supply> CUTS = List.of(Supply.CUT_BEFORE, Supply.CUT_DURING, Supply.CUT_AFTER);

    Power STEADY = step -> Supply.HOLDS;

    Supply at(BootStep step);

    /** One cut, at the write that comes after so many others. */
    static Power cutAfter(int writes, Supply how) {
        return new Power() {
            private int left = writes;

            @Override
            public Supply at(BootStep step) {
                return left-- == 0 ? how : Supply.HOLDS;
            }
        };
    }
}
