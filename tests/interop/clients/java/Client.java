import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The commands of tests/interop/support/clients.ts, on Apache Kafka's Java client. */
public final class Client {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    private static final long HOUR_MS = 3_600_000;

    private Client() {}

    public static void main(String[] args) throws Exception {
        String verb = args[0];
        String bootstrap = args[1];
        String topic = args[2];
        switch (verb) {
            case "produce" -> produce(bootstrap, topic, args[3], Path.of(args[4]));
            case "consume" -> consume(bootstrap, topic, Integer.parseInt(args[3]));
            case "admin" -> admin(bootstrap, topic);
            case "offsets" -> offsets(bootstrap, topic);
            case "member" -> member(bootstrap, topic, args[3], args.length > 4 ? args[4] : "Range");
            default -> throw new IllegalArgumentException("unknown command: " + verb);
        }
    }

    private static void produce(String bootstrap, String topic, String compression, Path file) throws Exception {
        AtomicReference<Exception> failure = new AtomicReference<>();
        byte[] content = Files.readAllBytes(file);
        try (KafkaProducer<byte[], byte[]> producer = producer(bootstrap, compression)) {
            int start = 0;
            for (int end = 0; end < content.length; end++) {
                if (content[end] != '\n') continue;
                byte[] line = Arrays.copyOfRange(content, start, end);
                producer.send(new ProducerRecord<>(topic, line), (metadata, exception) -> {
                    if (exception != null) failure.compareAndSet(null, exception);
                });
                start = end + 1;
            }
        }
        if (failure.get() != null) throw failure.get();
    }

    private static void consume(String bootstrap, String topic, int count) throws Exception {
        TopicPartition partition = new TopicPartition(topic, 0);
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(bootstrap);
            OutputStream out = new BufferedOutputStream(System.out, 1 << 20)) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long deadline = System.nanoTime() + TIMEOUT.toNanos();
            for (int seen = 0; seen < count;) {
                if (System.nanoTime() > deadline) throw new IllegalStateException("only " + seen + " records came");
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    seen++;
                    out.write(record.value());
                    out.write('\n');
                }
            }
        }
    }

    private static void admin(String bootstrap, String topic) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            NewTopic wanted = new NewTopic(topic, 3, (short) 1).configs(Map.of("retention.ms", "3600000"));
            admin.createTopics(List.of(wanted)).all().get();
            System.out.println("created");
            describe(admin, topic);
            admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(5))).all().get();
            System.out.println("grown");
            describe(admin, topic);
            admin.deleteTopics(List.of(topic)).all().get();
            System.out.println("deleted");
            System.out.println("listed: " + admin.listTopics().names().get().contains(topic));
        }
    }

    private static void describe(Admin admin, String topic) throws Exception {
        System.out.println("listed: " + admin.listTopics().names().get().contains(topic));
        TopicDescription description = admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
        StringBuilder partitions = new StringBuilder("partitions:");
        description.partitions().forEach(partition -> partitions.append(' ').append(partition.partition()));
        System.out.println(partitions);
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        Config config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
        System.out.println("retention.ms: " + config.get("retention.ms").value());
    }

    private static void offsets(String bootstrap, String topic) throws Exception {
        long hourAgo = System.currentTimeMillis() - HOUR_MS;
        try (KafkaProducer<byte[], byte[]> producer = producer(bootstrap, "none")) {
            for (int i = 0; i < 3; i++) {
                producer.send(new ProducerRecord<>(topic, 0, hourAgo + 1000L * i, null, new byte[] {'x'})).get();
            }
        }
        TopicPartition partition = new TopicPartition(topic, 0);
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(bootstrap)) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            System.out.println("earliest: " + consumer.position(partition));
            consumer.seekToEnd(List.of(partition));
            System.out.println("latest: " + consumer.position(partition));
            for (long after : List.of(500L, 3000L)) {
                var found = consumer.offsetsForTimes(Map.of(partition, hourAgo + after)).get(partition);
                System.out.println("after " + after + " ms: " + (found == null ? "none" : found.offset()));
            }
        }
    }

    private static void member(String bootstrap, String topic, String group, String assignor) throws Exception {
        Map<String, Object> config = Map.of(
            "bootstrap.servers", bootstrap, "group.id", group, "group.protocol", "classic",
            "enable.auto.commit", false, "auto.offset.reset", "earliest", "heartbeat.interval.ms", 500,
            "partition.assignment.strategy", "org.apache.kafka.clients.consumer." + assignor + "Assignor");
        AtomicBoolean isEnding = new AtomicBoolean();
        try (KafkaConsumer<byte[], byte[]> consumer =
            new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            Thread untilInputEnds = new Thread(() -> {
                try {
                    System.in.transferTo(OutputStream.nullOutputStream());
                } catch (IOException ignored) {
                    // An input that breaks has ended too.
                }
                isEnding.set(true);
            });
            untilInputEnds.setDaemon(true);
            untilInputEnds.start();
            consumer.subscribe(List.of(topic), new ConsumerRebalanceListener() {
                @Override
                public void onPartitionsAssigned(Collection<TopicPartition> added) {
                    StringBuilder line = new StringBuilder("assigned");
                    consumer.assignment().stream().mapToInt(TopicPartition::partition).sorted()
                        .forEach(partition -> line.append(' ').append(partition));
                    System.out.println(line);
                }

                @Override
                public void onPartitionsRevoked(Collection<TopicPartition> gone) {}
            });
            while (!isEnding.get()) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    System.out.println("record " + record.partition() + " " + record.offset() + " "
                        + new String(record.value(), StandardCharsets.UTF_8));
                }
                try {
                    consumer.commitSync();
                } catch (RebalanceInProgressException ignored) {
                    // In a cooperative rebalance it is for the next round to commit.
                }
            }
        }
    }

    private static KafkaProducer<byte[], byte[]> producer(String bootstrap, String compression) {
        Map<String, Object> config = Map.of(
            "bootstrap.servers", bootstrap, "acks", "all", "compression.type", compression,
            "delivery.timeout.ms", (int) TIMEOUT.toMillis());
        return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static KafkaConsumer<byte[], byte[]> consumer(String bootstrap) {
        Map<String, Object> config = Map.of("bootstrap.servers", bootstrap, "enable.auto.commit", false);
        return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }
}
