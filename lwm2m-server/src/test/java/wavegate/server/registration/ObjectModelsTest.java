package wavegate.server.registration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.eclipse.leshan.core.model.ObjectModel;
import org.eclipse.leshan.core.model.ResourceModel;
import org.junit.jupiter.api.Test;

/** The object definitions beside the settings. */
class ObjectModelsTest {
    private static Map<Integer, ObjectModel> loaded() throws IOException {
        ObjectModels models = ObjectModels.builtIn();
        try (Stream<Path> files = Files.list(Path.of("..", "config", "models"))) {
            for (Path file : files.sorted().toList()) {
                try (InputStream xml = Files.newInputStream(file)) {
                    models.with(file.getFileName().toString(), xml);
                }
            }
        }
        Map<Integer, ObjectModel> byId = new TreeMap<>();
        models.all().forEach(model -> byId.put(model.id, model));
        return byId;
    }

    @Test
    void object_5_is_known_in_its_version_1_2() throws IOException {
        ObjectModel five = loaded().get(5);

        assertThat(five.version).isEqualTo("1.2");
        assertThat(five.multiple).isFalse();
        assertThat(five.resources.get(14).type).isEqualTo(ResourceModel.Type.BOOLEAN);
        assertThat(five.resources.get(13).type).isEqualTo(ResourceModel.Type.UNSIGNED_INTEGER);
        assertThat(five.resources.get(12).type).isEqualTo(ResourceModel.Type.TIME);
        assertThat(five.resources.get(8).multiple).isTrue();
    }

    @Test
    void advanced_firmware_update_has_what_object_5_has_and_its_components() throws IOException {
        ObjectModel advanced = loaded().get(33629);

        assertThat(advanced.multiple).isTrue();
        for (int resource : new int[] {0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13}) {
            assertThat(advanced.resources.get(resource).name)
                    .isEqualTo(loaded().get(5).resources.get(resource).name);
        }
        assertThat(advanced.resources.get(15).type).isEqualTo(ResourceModel.Type.STRING);
        assertThat(advanced.resources.get(16).type).isEqualTo(ResourceModel.Type.OBJLNK);
    }

    @Test
    void software_management_and_modem_health_are_known() throws IOException {
        assertThat(loaded().get(9).resources).containsKeys(0, 1, 4, 7, 9, 12);
        assertThat(loaded().get(27001).resources).containsKeys(0, 5);
    }
}
