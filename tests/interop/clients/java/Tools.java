import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.Exit;
import org.slf4j.LoggerFactory;

/**
 * Runs Apache Kafka's own tools one after the other in one JVM, since to start one for each takes longer than most tools do.
 * Each line of the input is a run, {"tool": CLASS, "args": [WORD …], "input": TEXT}, and gets a line of output,
 * {"status": EXIT CODE, "output": TEXT, "errors": TEXT}.
 */
public final class Tools {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();
    private final List<Runnable> shutdownHooks = new ArrayList<>();
    private Map<String, Object> result;

    private Tools() {}

    public static void main(String[] args) throws IOException {
        PrintStream answers = System.out;
        PrintStream complaints = System.err;
        // That there are two of them is said once, as the first logger is made, and not to the first tool.
        System.setErr(new PrintStream(PrintStream.nullOutputStream()));
        LoggerFactory.getLogger(Tools.class);
        System.setErr(complaints);
        // What a tool's thread prints after its end is not for the next one.
        System.setOut(complaints);
        BufferedReader runs = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String run = runs.readLine(); run != null; run = runs.readLine()) {
            answers.println(JSON.writeValueAsString(new Tools().run(JSON.readTree(run))));
            answers.flush();
        }
    }

    private Map<String, Object> run(JsonNode run) {
        List<String> args = new ArrayList<>();
        run.get("args").forEach(arg -> args.add(arg.asText()));
        InputStream stdin = System.in;
        PrintStream stdout = System.out;
        PrintStream stderr = System.err;
        System.setIn(new ByteArrayInputStream(run.path("input").asText().getBytes(StandardCharsets.UTF_8)));
        System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
        Exit.setExitProcedure((status, message) -> exit(status));
        Exit.setHaltProcedure((status, message) -> exit(status));
        Exit.setShutdownHookAdder((name, hook) -> shutdownHooks.add(hook));
        try {
            int status = main(run.get("tool").asText(), args.toArray(String[]::new));
            shutdownHooks.forEach(Runnable::run);
            return result == null ? told(status) : result;
        } finally {
            System.setIn(stdin);
            System.setOut(stdout);
            System.setErr(stderr);
        }
    }

    private int main(String tool, String[] args) {
        try {
            Class.forName(tool).getMethod("main", String[].class).invoke(null, (Object) args);
            return 0;
        } catch (InvocationTargetException failure) {
            // As a JVM does with what main() throws.
            if (!(failure.getCause() instanceof Ended)) failure.getCause().printStackTrace();
            return 1;
        } catch (ReflectiveOperationException failure) {
            throw new IllegalArgumentException("no tool " + tool, failure);
        }
    }

    /** The process would be gone now: what the tool says later, or how it handles this, does not count. */
    private void exit(int status) {
        // Hooks run before a process is gone; what they print counts.
        if (result == null) {
            List<Runnable> hooks = List.copyOf(shutdownHooks);
            shutdownHooks.clear();
            hooks.forEach(Runnable::run);
            result = told(status);
        }
        throw new Ended();
    }

    private Map<String, Object> told(int status) {
        return Map.of(
            "status", status,
            "output", output.toString(StandardCharsets.UTF_8),
            "errors", errors.toString(StandardCharsets.UTF_8));
    }

    private static final class Ended extends Error {
        private static final long serialVersionUID = 1;

        private Ended() {
            super(null, null, false, false);
        }
    }
}
