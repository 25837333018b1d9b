import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * `member BOOTSTRAP TOPIC GROUP BEHAVIOUR`: a member of a share group that tells of its records, one a line (`record PARTITION OFFSET DELIVERIES VALUE`), until its
 * input ends. What it says of them is its behaviour:
 *
 * implicit   it accepts each by asking for more, or by its end
 * explicit   of every four offsets it accepts the first, releases the second once, rejects the third, and renews the
 *            fourth before it accepts it
 * half       it accepts every other of the first records that come, and says nothing more
 * none       it says nothing of the first records that come
 */
public final class ShareMember {
    private static volatile boolean isEnding;
    private static final Set<String> renewed = new HashSet<>();

    private ShareMember() {}

    public static void main(String[] args) throws Exception {
        String behaviour = args[4];
        Map<String, Object> config = new HashMap<>(Map.of("bootstrap.servers", args[1], "group.id", args[3]));
        config.put("share.acknowledgement.mode", behaviour.equals("implicit") ? "implicit" : "explicit");
        Thread untilInputEnds = new Thread(() -> {
            try {
                System.in.transferTo(OutputStream.nullOutputStream());
            } catch (IOException ignored) {
                // An input that breaks has ended too.
            }
            isEnding = true;
        });
        untilInputEnds.setDaemon(true);
        untilInputEnds.start();
        try (KafkaShareConsumer<byte[], byte[]> consumer =
            new KafkaShareConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(args[2]));
            while (!isEnding) {
                ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(100));
                records.forEach(ShareMember::tell);
                if (records.isEmpty() || behaviour.equals("implicit")) continue;
                if (behaviour.equals("explicit")) {
                    records.forEach(record -> consumer.acknowledge(record, typeOf(record)));
                } else if (behaviour.equals("half")) {
                    boolean isAccepted = true;
                    for (ConsumerRecord<byte[], byte[]> record : records) {
                        if (isAccepted) consumer.acknowledge(record, AcknowledgeType.ACCEPT);
                        isAccepted = !isAccepted;
                    }
                }
                consumer.commitSync().forEach((partition, error) -> error.ifPresent(ShareMember::fail));
                System.out.println("acknowledged");
                while (!behaviour.equals("explicit") && !isEnding) Thread.sleep(20);
            }
            if (behaviour.equals("implicit")) consumer.commitSync();
        }
    }

    private static void tell(ConsumerRecord<byte[], byte[]> record) {
        System.out.println("record " + record.partition() + " " + record.offset() + " "
            + record.deliveryCount().orElseThrow() + " " + new String(record.value(), StandardCharsets.UTF_8));
    }

    private static AcknowledgeType typeOf(ConsumerRecord<byte[], byte[]> record) {
        return switch ((int) (record.offset() % 4)) {
            case 1 -> record.deliveryCount().orElseThrow() == 1 ? AcknowledgeType.RELEASE : AcknowledgeType.ACCEPT;
            case 2 -> AcknowledgeType.REJECT;
            case 3 -> renewed.add(record.partition() + "-" + record.offset())
                ? AcknowledgeType.RENEW : AcknowledgeType.ACCEPT;
            default -> AcknowledgeType.ACCEPT;
        };
    }

    private static void fail(RuntimeException error) {
        throw error;
    }
}
