package wavegate.sim;

import java.util.Arrays;

/** Which device is due next: a binary heap over device indexes, so that a device's moment can be changed in place. */
final class WakeQueue {
    private final long[] at;
    private final int[] heap;
    private final int[] position;

    WakeQueue(int devices) {
        at = new long[devices];
        heap = new int[devices];
        position = new int[devices];
        Arrays.fill(at, Long.MAX_VALUE);
        for (int i = 0; i < devices; i++) {
            heap[i] = i;
            position[i] = i;
        }
    }

    int next() {
        return heap[0];
    }

    long nextAt() {
        return at[heap[0]];
    }

    void set(int device, long when) {
        long before = at[device];
        at[device] = when;
        if (when < before) {
            up(position[device]);
        } else if (when > before) {
            down(position[device]);
        }
    }

    private void up(int from) {
        int i = from;
        while (i > 0 && at[heap[i]] < at[heap[(i - 1) / 2]]) {
            swap(i, (i - 1) / 2);
            i = (i - 1) / 2;
        }
    }

    private void down(int from) {
        int i = from;
        while (true) {
            int least = i;
            for (int child = 2 * i + 1; child <= 2 * i + 2 && child < heap.length; child++) {
                if (at[heap[child]] < at[heap[least]]) {
                    least = child;
                }
            }
            if (least == i) {
                return;
            }
            swap(i, least);
            i = least;
        }
    }

    private void swap(int i, int j) {
        int device = heap[i];
        heap[i] = heap[j];
        heap[j] = device;
        position[heap[i]] = i;
        position[heap[j]] = j;
    }
}
