package wavegate.server.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** How the offline commands answer: one line of JSON, one line of complaint. */
final class Answers {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Answers() {}

    static String json(Map<String, ?> members) {
        try {
            return JSON.writeValueAsString(new TreeMap<>(members));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("plain values have a JSON form", e);
        }
    }

    static ParameterException usage(CommandSpec spec, String complaint) {
        return new ParameterException(spec.commandLine(), complaint);
    }

    /** Says what went wrong, in words where Java has only a path. @return the exit code */
    static int failed(CommandSpec spec, IOException e) {
        String what = e instanceof FileAlreadyExistsException
                ? e.getMessage() + " exists already"
                : e instanceof NoSuchFileException ? e.getMessage() + ": no such file" : String.valueOf(e.getMessage());
        spec.commandLine().getErr().println("error: " + what);
        return ExitCode.FAILED;
    }
}
