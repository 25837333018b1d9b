/**
 * Apache Kafka's own tools administer the security of Barnabas, as a user who has authenticated: `kafka-acls`, and `kafka-configs`
 * for SCRAM users and quotas.
 */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Broker } from "../../lib/mod.ts";
import { apacheKafkaIsMissing, runJava } from "./support/apache_kafka.ts";
import { recordOf, SECURE_CLIENTS } from "./support/secure_clients.ts";

const missing = apacheKafkaIsMissing();
const ACLS = "org.apache.kafka.tools.AclCommand";
const CONFIGS = "kafka.admin.ConfigCommand";

/** A broker with users, and the tools as its admin. */
class Administered implements AsyncDisposable {
  readonly #broker: Broker;
  readonly #file: string;

  private constructor(broker: Broker, file: string) {
    this.#broker = broker;
    this.#file = file;
  }

  static async start(): Promise<Administered> {
    const broker = await Broker.start({
      set: {
        "listeners": "SASL_PLAINTEXT://127.0.0.1:0",
        "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256",
        "listener.name.sasl_plaintext.plain.sasl.jaas.config":
          'org.apache.kafka.common.security.plain.PlainLoginModule required user_admin="admin-secret";',
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:admin",
      },
      logger: { info() {}, warn() {} },
    });
    const file = Deno.makeTempFileSync({ suffix: ".properties" });
    Deno.writeTextFileSync(
      file,
      "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.jaas.config=" +
        'org.apache.kafka.common.security.plain.PlainLoginModule required username="admin" password="admin-secret";\n',
    );
    return new Administered(broker, file);
  }

  get bootstrap(): string {
    return this.#broker.bootstrapServers;
  }

  run(tool: string, ...args: string[]): Promise<string> {
    return runJava(tool, ["--bootstrap-server", this.bootstrap, "--command-config", this.#file, ...args]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#broker.close();
    Deno.removeSync(this.#file);
  }
}

Deno.test({
  name: `kafka-configs makes users, and kafka-acls says what they may do${missing ? ` (not tested: ${missing})` : ""}`,
  ignore: missing !== null,
  async fn() {
    await using broker = await Administered.start();
    const user = ["--entity-type", "users", "--entity-name", "carol"];
    assertStringIncludes(
      await broker.run(
        CONFIGS,
        "--alter",
        "--add-config",
        "SCRAM-SHA-256=[iterations=8192,password=carol-secret]",
        ...user,
      ),
      "Completed updating config for user carol",
    );
    assertStringIncludes(await broker.run(CONFIGS, "--describe", ...user), "SCRAM-SHA-256=iterations=8192");

    const client = SECURE_CLIENTS.find(({ name }) => name === "franz-go")!;
    const roundTrip = async () =>
      recordOf(
        await client.roundTrip(broker.bootstrap, "orders", {
          protocol: "SASL_PLAINTEXT",
          mechanism: "SCRAM-SHA-256",
          username: "carol",
          password: "carol-secret",
        }),
      );
    if (client.missing === null) assertEquals(await roundTrip(), null);
    const orders = ["--topic", "orders"];
    await broker.run(ACLS, "--add", "--allow-principal", "User:carol", "--producer", ...orders);
    await broker.run(ACLS, "--add", "--allow-principal", "User:carol", "--consumer", "--group", "*", ...orders);
    assertMatch(
      await broker.run(ACLS, "--list", ...orders),
      /resourceType=TOPIC, name=orders, patternType=LITERAL[\s\S]*principal=User:carol, host=\*, operation=WRITE, permissionType=ALLOW/,
    );
    if (client.missing === null) assertEquals(await roundTrip(), "hello");
    await broker.run(ACLS, "--remove", "--force", ...orders);
    assertEquals((await broker.run(ACLS, "--list", ...orders)).trim(), "");

    await broker.run(CONFIGS, "--alter", "--add-config", "producer_byte_rate=1048576", ...user);
    assertStringIncludes(await broker.run(CONFIGS, "--describe", ...user), "producer_byte_rate=1048576");
    await broker.run(CONFIGS, "--alter", "--delete-config", "SCRAM-SHA-256", ...user);
    if (client.missing === null) assertEquals(await roundTrip(), null);
  },
});
