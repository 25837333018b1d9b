import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** The commands of tests/interop/transactions_test.ts, on Apache Kafka's Java client. */
public final class Transactions {
    private static final Duration TIMEOUT = Duration.ofMinutes(1);
    private static final int RECORDS = 5;

    private Transactions() {}

    public static void main(String[] args) {
        switch (args[0]) {
            case "transact" -> transact(args[1], args[2], args[3]);
            case "committed" -> committed(args[1], args[2], Integer.parseInt(args[3]));
            default -> throw new IllegalArgumentException("unknown command: " + args[0]);
        }
        // A producer that was fenced waits for nothing any more.
        System.exit(0);
    }

    private static void transact(String bootstrap, String topic, String group) {
        KafkaProducer<String, String> first = producer(bootstrap, topic);
        try (KafkaConsumer<String, String> consumer = consumer(bootstrap, group)) {
            consumer.subscribe(List.of(topic + "-input"));
            first.initTransactions();
            process(first, consumer, topic, "committed");
            first.commitTransaction();
            process(first, consumer, topic, "aborted");
            first.abortTransaction();
        }
        first.beginTransaction();
        first.send(new ProducerRecord<>(topic, 0, null, "fenced"));
        first.flush();
        try (KafkaProducer<String, String> second = producer(bootstrap, topic)) {
            second.initTransactions();
            second.beginTransaction();
            second.send(new ProducerRecord<>(topic, 0, null, "after"));
            second.commitTransaction();
        }
        try {
            first.commitTransaction();
            System.out.println("not fenced");
        } catch (ProducerFencedException | InvalidProducerEpochException expected) {
            System.out.println("fenced");
        }
    }

    /** Reads some records, and writes as many, and what was read, as one transaction. */
    private static void process(
        KafkaProducer<String, String> producer, KafkaConsumer<String, String> consumer, String topic, String word) {
        producer.beginTransaction();
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (int seen = 0; seen < RECORDS;) {
            for (ConsumerRecord<String, String> record : consumer.poll(TIMEOUT)) {
                producer.send(new ProducerRecord<>(topic, 0, null, word + " " + record.value()));
                offsets.put(
                    new TopicPartition(record.topic(), record.partition()), new OffsetAndMetadata(record.offset() + 1));
                seen++;
            }
        }
        producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
    }

    private static void committed(String bootstrap, String topic, int count) {
        TopicPartition partition = new TopicPartition(topic, 0);
        try (KafkaConsumer<String, String> consumer = consumer(bootstrap, null)) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            for (int seen = 0; seen < count;) {
                for (ConsumerRecord<String, String> record : consumer.poll(TIMEOUT)) {
                    seen++;
                    System.out.println(record.value());
                }
            }
        }
    }

    private static KafkaProducer<String, String> producer(String bootstrap, String transactionalId) {
        Map<String, Object> config = Map.of("bootstrap.servers", bootstrap, "transactional.id", transactionalId);
        return new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
    }

    private static KafkaConsumer<String, String> consumer(String bootstrap, String group) {
        Map<String, Object> config = new HashMap<>(Map.of(
            "bootstrap.servers", bootstrap, "enable.auto.commit", false, "isolation.level", "read_committed",
            "auto.offset.reset", "earliest", "max.poll.records", RECORDS));
        if (group != null) config.put("group.id", group);
        return new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
    }
}
