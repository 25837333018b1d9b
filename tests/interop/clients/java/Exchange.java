import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Fills a folder through whichever broker serves it, for tests/interop/exchange_test.ts. After the address and the number
 * of the round, each argument is done in turn: `create` the topics, write `records` to them, run `transactions` and leave
 * one of them open.
 */
public final class Exchange {
    private static final String[] COMPRESSION_TYPES = {"none", "gzip", "snappy", "lz4", "zstd"};
    private static final int PARTITIONS = 2;
    private static final int BATCHES = 12;
    private static final int RECORDS_IN_A_BATCH = 9;
    private static final long RECORD_STEP_MS = 700;
    /** Records are some hours old, as segments are rolled by their timestamps; those of a later round are newer. */
    private static final long OLDEST_MS = 10_800_000;
    private static final long ROUND_MS = 1_200_000;

    private final String bootstrap;
    private long timestampMs;

    private Exchange(String bootstrap, int round) {
        this.bootstrap = bootstrap;
        timestampMs = System.currentTimeMillis() - OLDEST_MS + round * ROUND_MS;
    }

    public static void main(String[] args) throws Exception {
        Exchange exchange = new Exchange(args[0], Integer.parseInt(args[1]));
        for (String work : List.of(args).subList(2, args.length)) {
            switch (work) {
                case "create" -> exchange.create();
                case "records" -> exchange.records();
                case "transactions" -> exchange.transactions();
                default -> throw new IllegalArgumentException("unknown work: " + work);
            }
        }
        // A producer that closes would abort the transaction that is left open.
        Runtime.getRuntime().halt(0);
    }

    private void create() throws Exception {
        List<NewTopic> topics = new ArrayList<>();
        for (String type : COMPRESSION_TYPES) {
            topics.add(topic("letters-" + type, PARTITIONS, Map.of("segment.ms", "30000", "retention.ms", "-1")));
        }
        topics.add(topic("large", 1, Map.of("segment.bytes", "1048576", "index.interval.bytes", "1024")));
        // It is not compacted until somebody wants it to be.
        topics.add(topic("compacted", 1, Map.of(
            "cleanup.policy", "compact", "segment.ms", "5000", "min.cleanable.dirty.ratio", "1")));
        topics.add(topic("both", 1, Map.of("cleanup.policy", "compact,delete", "max.message.bytes", "500000")));
        topics.add(topic("append-time", 1, Map.of("message.timestamp.type", "LogAppendTime")));
        topics.add(topic("transactions", PARTITIONS, Map.of("segment.ms", "20000", "retention.ms", "-1")));
        topics.add(topic("open", 1, Map.of()));
        topics.add(topic("sequences", 1, Map.of()));
        topics.add(topic("grown", 1, Map.of()));
        topics.add(topic("empty", 3, Map.of()));
        topics.add(topic("deleted", 2, Map.of()));
        topics.add(topic("doomed", 2, Map.of()));
        topics.add(topic("doomed-too", 2, Map.of()));
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.createTopics(topics).all().get();
            admin.createPartitions(Map.of("grown", NewPartitions.increaseTo(3))).all().get();
            admin.deleteTopics(List.of("deleted")).all().get();
        }
        try (KafkaProducer<byte[], byte[]> producer = producer("none", null)) {
            sendBatch(producer, "doomed", 1, 1);
            sendBatch(producer, "doomed-too", 1, 1);
        }
    }

    private static NewTopic topic(String name, int partitions, Map<String, String> configs) {
        return new NewTopic(name, partitions, (short) 1).configs(configs);
    }

    private void records() throws Exception {
        for (String type : COMPRESSION_TYPES) {
            try (KafkaProducer<byte[], byte[]> producer = producer(type, null)) {
                for (int batch = 0; batch < BATCHES; batch++) {
                    sendBatch(producer, "letters-" + type, batch % PARTITIONS, batch);
                }
            }
        }
        try (KafkaProducer<byte[], byte[]> producer = producer("none", null)) {
            large(producer);
            compacted(producer);
            for (int batch = 0; batch < 3; batch++) {
                sendBatch(producer, "append-time", 0, batch);
                sendBatch(producer, "both", 0, batch);
                sendBatch(producer, "grown", batch, batch);
            }
        }
    }

    /** Several segments by their size, of what no compression makes smaller. */
    private void large(KafkaProducer<byte[], byte[]> producer) throws Exception {
        Random random = new Random(1);
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (int index = 0; index < 60; index++) {
            byte[] value = new byte[40_000];
            random.nextBytes(value);
            sent.add(producer.send(new ProducerRecord<>("large", 0, nextTimestamp(), null, value)));
        }
        for (Future<RecordMetadata> future : sent) future.get();
    }

    /** The same few keys again and again, and now and then one that is gone. */
    private void compacted(KafkaProducer<byte[], byte[]> producer) throws Exception {
        for (int round = 0; round < 10; round++) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (int key = 0; key < 7; key++) {
                byte[] value = key == round % 7 ? null : bytes("value " + round + " of " + key);
                byte[] keyBytes = bytes("key " + key);
                sent.add(producer.send(new ProducerRecord<>("compacted", 0, nextTimestamp(), keyBytes, value)));
            }
            for (Future<RecordMetadata> future : sent) future.get();
        }
    }

    private void transactions() throws Exception {
        try (KafkaProducer<byte[], byte[]> steady = producer("lz4", "steady");
            KafkaProducer<byte[], byte[]> fickle = producer("none", "fickle")) {
            steady.initTransactions();
            fickle.initTransactions();
            for (int round = 0; round < 6; round++) {
                steady.beginTransaction();
                fickle.beginTransaction();
                for (int partition = 0; partition < PARTITIONS; partition++) {
                    sendBatch(steady, "transactions", partition, round);
                    sendBatch(fickle, "transactions", partition, round);
                }
                if (round % 3 == 0) fickle.commitTransaction();
                else fickle.abortTransaction();
                steady.commitTransaction();
            }
        }
        // Beginning anew aborts what an earlier run has left.
        KafkaProducer<byte[], byte[]> hanging = producer("none", "hanging");
        hanging.initTransactions();
        hanging.beginTransaction();
        sendBatch(hanging, "open", 0, 1);
        hanging.flush();
    }

    private void sendBatch(KafkaProducer<byte[], byte[]> producer, String topic, int partition, int batch)
        throws Exception {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (int index = 0; index < RECORDS_IN_A_BATCH; index++) {
            // Log compaction takes no record without a key.
            boolean keyed = topic.equals("both") || index % 3 != 0;
            byte[] key = keyed ? bytes("key " + index) : null;
            byte[] value = index % 4 == 3 ? null : bytes(("letter " + batch + "/" + index + " 🏰 ").repeat(1 + index * 5));
            RecordHeaders headers = new RecordHeaders();
            if (index % 2 == 1) {
                headers.add(new RecordHeader("from", bytes("castle"))).add(new RecordHeader("none", (byte[]) null));
            }
            sent.add(producer.send(new ProducerRecord<>(topic, partition, nextTimestamp(), key, value, headers)));
        }
        producer.flush();
        for (Future<RecordMetadata> future : sent) future.get();
    }

    private long nextTimestamp() {
        return timestampMs += RECORD_STEP_MS;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private KafkaProducer<byte[], byte[]> producer(String compression, String transactionalId) {
        Map<String, Object> config = new HashMap<>(Map.of(
            "bootstrap.servers", bootstrap, "acks", "all", "compression.type", compression, "linger.ms", 20,
            "delivery.timeout.ms", 30_000, "request.timeout.ms", 10_000, "enable.idempotence", true));
        // Longer than the test: only a producer of the same name ends what is left open.
        if (transactionalId != null) {
            config.putAll(Map.of("transactional.id", transactionalId, "transaction.timeout.ms", 900_000));
        }
        return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
    }
}
