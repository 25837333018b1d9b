import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.ThreadMetadata;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;

/**
 * Counts words, for tests/interop/streams_test.ts: a repartition topic by word, and a changelog of the counts.
 *
 * <p>Arguments are the bootstrap server, the application's id, the topics of the lines and of the counts, a folder for the
 * state, and then settings, such as {@code group.protocol=streams}. It tells its state and how many active and standby
 * tasks it has, a line each, and leaves the group when its input ends.
 */
public final class WordCount {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final long TELL_EVERY_MS = 100;
    private static final List<KafkaStreams.State> ENDED =
        List.of(KafkaStreams.State.ERROR, KafkaStreams.State.NOT_RUNNING);

    private WordCount() {}

    public static void main(String[] args) throws Exception {
        StreamsBuilder builder = new StreamsBuilder();
        KStream<String, String> lines = builder.stream(args[2]);
        lines.flatMapValues(line -> Arrays.asList(line.toLowerCase(Locale.ROOT).split(" ")))
            .groupBy((key, word) -> word, Grouped.as("words"))
            .count(Materialized.as("counts"))
            .toStream()
            .mapValues(count -> count.toString())
            .to(args[3]);
        KafkaStreams streams = new KafkaStreams(builder.build(), settings(args));
        streams.setUncaughtExceptionHandler(error -> {
            error.printStackTrace();
            return StreamThreadExceptionResponse.REPLACE_THREAD;
        });
        streams.start();
        CountDownLatch inputEnded = awaitEndOfInput();
        String told = "";
        while (!inputEnded.await(TELL_EVERY_MS, TimeUnit.MILLISECONDS) && !ENDED.contains(streams.state())) {
            String tells = streams.state() + " " + tasksOf(streams);
            if (!tells.equals(told)) System.out.println(tells);
            told = tells;
        }
        boolean hasClosed = streams.close(
            CloseOptions.timeout(TIMEOUT).withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
        System.out.println(hasClosed ? "closed" : "not closed in time");
        System.exit(hasClosed ? 0 : 1);
    }

    private static CountDownLatch awaitEndOfInput() {
        CountDownLatch ended = new CountDownLatch(1);
        Thread reader = new Thread(() -> {
            try {
                System.in.transferTo(java.io.OutputStream.nullOutputStream());
            } catch (IOException broken) {
                // Nobody is at the other end any more.
            }
            ended.countDown();
        });
        reader.setDaemon(true);
        reader.start();
        return ended;
    }

    private static String tasksOf(KafkaStreams streams) {
        int active = 0;
        int standby = 0;
        for (ThreadMetadata thread : streams.metadataForLocalThreads()) {
            active += thread.activeTasks().size();
            standby += thread.standbyTasks().size();
        }
        return active + " " + standby;
    }

    private static Properties settings(String[] args) {
        Properties settings = new Properties();
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, args[1]);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, args[4]);
        settings.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class.getName());
        settings.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class.getName());
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, "100");
        settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, "0");
        for (String setting : Arrays.asList(args).subList(5, args.length)) {
            String[] pair = setting.split("=", 2);
            settings.put(pair[0], pair[1]);
        }
        return settings;
    }
}
