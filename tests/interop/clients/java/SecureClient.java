import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** The command of tests/interop/support/secure_clients.ts, on Apache Kafka's Java client. */
public final class SecureClient {
    private static final String MODULES = "org.apache.kafka.common.security.";

    private SecureClient() {}

    public static void main(String[] args) throws Exception {
        String topic = args[1];
        Map<String, Object> config = config(args[0], new ObjectMapper().readTree(args[2]));
        Map<String, Object> producing = new HashMap<>(config);
        producing.put("max.block.ms", "8000");
        producing.put("delivery.timeout.ms", "9000");
        producing.put("request.timeout.ms", "8000");
        producing.put("linger.ms", "0");
        try (KafkaProducer<String, String> producer =
            new KafkaProducer<>(producing, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(topic, "hello")).get();
        } catch (ExecutionException failure) {
            System.err.println(failure.getCause());
            System.exit(1);
        }
        try (KafkaConsumer<String, String> consumer =
            new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            for (int tries = 0; tries < 20; tries++) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(500))) {
                    System.out.println(record.value());
                    return;
                }
            }
        }
        System.exit(1);
    }

    private static Map<String, Object> config(String bootstrap, JsonNode security) {
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", bootstrap);
        config.put("security.protocol", security.get("protocol").asText());
        if (security.has("ca")) {
            config.put("ssl.truststore.type", "PEM");
            config.put("ssl.truststore.location", security.get("ca").asText());
        }
        if (security.has("certificate")) {
            config.put("ssl.keystore.type", "PEM");
            config.put("ssl.keystore.location", security.get("certificate").asText());
        }
        if (security.has("mechanism")) {
            String mechanism = security.get("mechanism").asText();
            config.put("sasl.mechanism", mechanism);
            String login = jaas(mechanism, security.get("username").asText(), security.get("password").asText());
            config.put("sasl.jaas.config", login + (security.has("isDelegationToken") ? " tokenauth=\"true\";" : ";"));
        }
        return config;
    }

    private static String jaas(String mechanism, String name, String password) {
        if (mechanism.equals("OAUTHBEARER")) {
            // The name of whoever the broker does not ask for is in a bad token.
            String claim = password.equals("good") ? "sub" : "other";
            return MODULES + "oauthbearer.OAuthBearerLoginModule required unsecuredLoginPrincipalClaimName=\"" + claim
                + "\" unsecuredLoginStringClaim_" + claim + "=\"" + name + "\"";
        }
        String module = mechanism.equals("PLAIN") ? "plain.PlainLoginModule" : "scram.ScramLoginModule";
        return MODULES + module + " required username=\"" + name + "\" password=\"" + password + "\"";
    }
}
