import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A member of a group whose settings are given: {@code member BOOTSTRAP TOPIC GROUP [SETTING=VALUE ...]}, with the output of
 * {@code Client member}. The setting {@code topics.regex} subscribes to an expression in place of the topic, which the broker
 * then resolves.
 */
public final class GroupMember {
    private GroupMember() {}

    public static void main(String[] args) {
        Map<String, Object> config = new HashMap<>(Map.of(
            "bootstrap.servers", args[1], "group.id", args[3], "enable.auto.commit", false, "auto.offset.reset", "earliest",
            "metadata.max.age.ms", 1000));
        for (int i = 4; i < args.length; i++) {
            int separator = args[i].indexOf('=');
            config.put(args[i].substring(0, separator), args[i].substring(separator + 1));
        }
        Object regex = config.remove("topics.regex");
        AtomicBoolean isEnding = endsWithInput();
        try (KafkaConsumer<byte[], byte[]> consumer =
            new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            ConsumerRebalanceListener listener = listener(consumer);
            if (regex == null) consumer.subscribe(List.of(args[2]), listener);
            else consumer.subscribe(new SubscriptionPattern(regex.toString()), listener);
            while (!isEnding.get()) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    System.out.println("record " + record.partition() + " " + record.offset() + " "
                        + new String(record.value(), StandardCharsets.UTF_8));
                }
                try {
                    consumer.commitSync();
                } catch (RebalanceInProgressException | CommitFailedException ignored) {
                    // In a rebalance it is for the next round to commit.
                }
            }
        }
    }

    private static ConsumerRebalanceListener listener(KafkaConsumer<byte[], byte[]> consumer) {
        return new ConsumerRebalanceListener() {
            @Override
            public void onPartitionsAssigned(Collection<TopicPartition> added) {
                tell(consumer);
            }

            @Override
            public void onPartitionsRevoked(Collection<TopicPartition> gone) {}
        };
    }

    private static void tell(KafkaConsumer<byte[], byte[]> consumer) {
        StringBuilder line = new StringBuilder("assigned");
        consumer.assignment().stream().mapToInt(TopicPartition::partition).sorted()
            .forEach(partition -> line.append(' ').append(partition));
        System.out.println(line);
    }

    private static AtomicBoolean endsWithInput() {
        AtomicBoolean isEnding = new AtomicBoolean();
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
        return isEnding;
    }
}
