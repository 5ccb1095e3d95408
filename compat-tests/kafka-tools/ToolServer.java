import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.utils.Exit;

/**
 * Runs Kafka's command-line tools one after the other in one virtual machine, because starting one
 * costs more than the tool itself.
 *
 * Each line on standard input is one call: the class and its arguments, parted by tabs, the text for
 * the tool's standard input after a form feed ("\f"; line feeds in it as "\u000b"). The answer is one
 * line with the exit code and the number of bytes, followed by what the tool printed.
 */
public final class ToolServer {
    /** Ends a tool in place of the process. Some tools catch it and exit again: the first counts. */
    private static final class Exited extends RuntimeException {
        Exited() {
            super(null, null, false, false);
        }
    }

    private static final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private static final List<Runnable> shutdownHooks = new ArrayList<>();
    private static int exitStatus = -1;
    private static int sizeAtExit;

    private static void exit(int status) {
        if (exitStatus < 0) {
            exitStatus = status;
            runShutdownHooks();
            sizeAtExit = output.size();
        }
        throw new Exited();
    }

    /** The end of a process for its tool: some send what they hold only here. */
    private static void runShutdownHooks() {
        List<Runnable> hooks = List.copyOf(shutdownHooks);
        shutdownHooks.clear();
        hooks.forEach(Runnable::run);
        System.out.flush();
    }

    public static void main(String[] ignored) throws Exception {
        PrintStream answers = System.out;
        Exit.setExitProcedure((status, message) -> exit(status));
        Exit.setHaltProcedure((status, message) -> exit(status));
        Exit.setShutdownHookAdder((name, hook) -> shutdownHooks.add(hook));
        BufferedReader calls =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String call = calls.readLine(); call != null; call = calls.readLine()) {
            String[] halves = call.split("\f", -1);
            String[] words = halves[0].split("\t", -1);
            String input = halves.length > 1 ? halves[1].replace('\u000b', '\n') : "";
            output.reset();
            exitStatus = -1;
            int status = run(words[0], Arrays.copyOfRange(words, 1, words.length), input);
            runShutdownHooks();
            int size = output.size();
            if (exitStatus >= 0) {
                status = exitStatus;
                size = sizeAtExit;
            }
            answers.print(status + " " + size + "\n");
            answers.write(output.toByteArray(), 0, size);
            answers.flush();
        }
    }

    private static int run(String tool, String[] arguments, String input)
            throws Exception {
        PrintStream stream = new PrintStream(output, true, StandardCharsets.UTF_8);
        System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
        System.setOut(stream);
        System.setErr(stream);
        int[] status = {0};
        Runnable body = () -> {
            try {
                Class.forName(tool).getMethod("main", String[].class)
                        .invoke(null, (Object) arguments);
            } catch (InvocationTargetException failure) {
                if (!(failure.getCause() instanceof Exited)) {
                    failure.getCause().printStackTrace(stream);
                    status[0] = 1;
                }
            } catch (ReflectiveOperationException failure) {
                failure.printStackTrace(stream);
                status[0] = 1;
            }
        };
        scala.Console.withOut(stream, () -> {
            scala.Console.withErr(stream, () -> {
                body.run();
                return null;
            });
            return null;
        });
        stream.flush();
        return status[0];
    }
}
