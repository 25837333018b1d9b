import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { loadSettings, SettingsError, type SettingsSources } from "../../../lib/metadata/configs/mod.ts";

/** The settings that Apache Kafka 4.3 brings in its `config/server.properties`. */
const KAFKA_OWN_FILE = `
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=localhost:9093
listeners=PLAINTEXT://:9092,CONTROLLER://:9093
inter.broker.listener.name=PLAINTEXT
advertised.listeners=PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL
num.network.threads=3
num.io.threads=8
socket.send.buffer.bytes=102400
socket.receive.buffer.bytes=102400
socket.request.max.bytes=104857600
log.dirs=/tmp/kraft-combined-logs
num.partitions=1
num.recovery.threads.per.data.dir=1
offsets.topic.replication.factor=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
log.retention.hours=168
log.segment.bytes=1073741824
log.retention.check.interval.ms=300000
`;

Deno.test("with nothing set, the broker listens on this machine alone and keeps its data where it was started", () => {
  const { settings, warnings } = loadSettings({});
  assertEquals(settings.listeners, [{
    name: "PLAINTEXT",
    securityProtocol: "PLAINTEXT",
    host: "127.0.0.1",
    port: 9092,
    advertised: null,
  }]);
  assertEquals(settings.logDirs, ["barnabas-data"]);
  assertEquals(settings.metadataLogDir, "barnabas-data");
  assertEquals(settings.nodeId, null);
  assertEquals(warnings, []);
});

Deno.test("the file that Apache Kafka brings is taken without a word", () => {
  const { settings, warnings } = loadSettings(file(KAFKA_OWN_FILE));
  assertEquals(warnings, []);
  assertEquals(settings.nodeId, 1);
  assertEquals(settings.logDirs, ["/tmp/kraft-combined-logs"]);
  assertEquals(settings.listeners, [
    {
      name: "PLAINTEXT",
      securityProtocol: "PLAINTEXT",
      host: "0.0.0.0",
      port: 9092,
      advertised: { host: "localhost", port: 9092 },
    },
  ]);
});

Deno.test("environment wins over the file, and flags win over both", () => {
  const sources: SettingsSources = {
    ...file("num.partitions=2\nmessage.max.bytes=2\nfetch.max.bytes=2000"),
    environment: { KAFKA_NUM_PARTITIONS: "3", KAFKA_MESSAGE_MAX_BYTES: "3" },
    flags: { set: { "num.partitions": "4" } },
  };
  const { settings } = loadSettings(sources);
  assertEquals(settings.get("num.partitions"), 4);
  assertEquals(settings.get("message.max.bytes"), 3);
  assertEquals(settings.get("fetch.max.bytes"), 2000);
});

Deno.test("a later source overrides what an earlier one says in another way", () => {
  const { settings } = loadSettings({
    ...file("log.retention.ms=1000\nlog.dirs=/a\nbroker.id=1"),
    environment: { KAFKA_LOG_RETENTION_HOURS: "5", KAFKA_LOG_DIR: "/b" },
    flags: { nodeId: 2 },
  });
  assertEquals(settings.get("log.retention.ms"), null);
  assertEquals(settings.get("log.retention.hours"), 5);
  assertEquals(settings.logDirs, ["/b"]);
  assertEquals(settings.nodeId, 2);
});

Deno.test("environment variables are spelt as in the official image", () => {
  const { settings, warnings } = loadSettings({
    environment: {
      KAFKA_LISTENERS: "PLAINTEXT://localhost:19092,CONTROLLER://localhost:19093",
      KAFKA_LOG_DIRS: "/data",
      KAFKA_BARNABAS_FLUSH_ON_ACK: "false",
      KAFKA_HEAP_OPTS: "-Xmx1g",
      KAFKA_BOOTSTRAP_SERVERS: "elsewhere:9092",
      PATH: "/bin",
    },
  });
  assertEquals(settings.listeners.map(({ port }) => port), [19092]);
  assertEquals(settings.logDirs, ["/data"]);
  assertEquals(settings.flushOnAck, false);
  assertEquals(warnings, []);
});

Deno.test("where only advertised listeners are in the environment, the broker listens on their ports, as in the image", () => {
  const { settings } = loadSettings({ environment: { KAFKA_ADVERTISED_LISTENERS: "PLAINTEXT://broker.example:9999" } });
  assertEquals(settings.listeners, [
    {
      name: "PLAINTEXT",
      securityProtocol: "PLAINTEXT",
      host: "0.0.0.0",
      port: 9999,
      advertised: { host: "broker.example", port: 9999 },
    },
  ]);
});

Deno.test("a misspelt variable is not used, with a warning", () => {
  const { warnings } = loadSettings({ environment: { KAFKA_LISTNERS: "PLAINTEXT://:1" } });
  assertEquals(warnings, ["KAFKA_LISTNERS: is not used. Did you mean KAFKA_LISTENERS?"]);
});

Deno.test("--host and --port move the first listener of the file, and clients are no longer sent to its old address", () => {
  const { settings } = loadSettings({ ...file(KAFKA_OWN_FILE), flags: { port: 0 } });
  assertEquals(settings.listeners, [{
    name: "PLAINTEXT",
    securityProtocol: "PLAINTEXT",
    host: "0.0.0.0",
    port: 0,
    advertised: null,
  }]);

  const two = "listeners=CONTROLLER://:1,IN://:2,OUT://:3\nadvertised.listeners=IN://in:2,OUT://out:3\n" +
    "listener.security.protocol.map=IN:PLAINTEXT,OUT:PLAINTEXT";
  assertEquals(loadSettings({ ...file(two), flags: { host: "::1", port: 9 } }).settings.listeners, [
    { name: "IN", securityProtocol: "PLAINTEXT", host: "::1", port: 9, advertised: null },
    { name: "OUT", securityProtocol: "PLAINTEXT", host: "0.0.0.0", port: 3, advertised: { host: "out", port: 3 } },
  ]);
});

Deno.test("an unknown setting is refused with its place and the nearest that is known", () => {
  assertProblem(
    file("# x\n\nlog.retention.hour=1"),
    'server.properties:3: unknown setting "log.retention.hour". Did you mean "log.retention.hours"?',
  );
  assertProblem(
    { flags: { set: { "lisetners": "x" } } },
    '--set: unknown setting "lisetners". Did you mean "listeners"?',
  );
  assertProblem(file("colour=blue"), 'server.properties:1: unknown setting "colour"');
});

Deno.test("a topic's config is refused with the name that it has in a broker", () => {
  assertProblem(
    file("retention.ms=1"),
    'server.properties:1: unknown setting "retention.ms". Did you mean "log.retention.ms"?',
  );
});

Deno.test("impossible values are refused with their place, all of them at once", () => {
  assertProblem(
    file("num.partitions=many\nlog.cleanup.policy=forget"),
    "server.properties:1: Invalid value many for configuration num.partitions: Not a number of type INT\n" +
      "server.properties:2: Invalid value forget for configuration log.cleanup.policy: String must be one of: compact, delete",
  );
  assertProblem(file("a=1\nb=\\u12"), "server.properties:2: has a \\u that four hexadecimal digits do not follow");
});

Deno.test("settings that contradict each other are refused with the place of one of them", () => {
  assertProblem(file("node.id=1\nbroker.id=2"), "server.properties:2: broker.id is 2, but node.id is 1");
  assertProblem(
    file("queued.max.request.bytes=1000"),
    "server.properties:1: queued.max.request.bytes is 1000: it must not be below socket.request.max.bytes",
  );
  assertProblem(
    file("group.consumer.session.timeout.ms=1000"),
    "server.properties:1: group.consumer.session.timeout.ms is 1000: it must lie within group.consumer.min.session.timeout.ms, which is 45000",
  );
  assertProblem(file("log.retention.hours=0"), "server.properties:1: log.retention.hours is 0");
});

Deno.test("the default limit of bytes in progress gives way to larger requests", () => {
  const { settings } = loadSettings(file("socket.request.max.bytes=1000000000"));
  assertEquals(settings.queuedMaxRequestBytes, 1_000_000_000);
});

Deno.test("what does nothing here gives a warning that says why, unless it is the default anyway", () => {
  const { settings, warnings } = loadSettings(
    file("replica.fetch.max.bytes=5\nreplica.fetch.min.bytes=1\noffsets.topic.replication.factor=3\nnum.io.threads=99"),
  );
  assertEquals(warnings, [
    "server.properties:1: replica.fetch.max.bytes has no effect. A single broker has no replicas to fetch, choose or throttle.",
    "server.properties:3: offsets.topic.replication.factor has no effect. A single broker keeps one copy of everything.",
  ]);
  assertEquals(settings.get("offsets.topic.replication.factor"), 1);
});

Deno.test("names of plug-ins, of single listeners and of versions before 4.0 are warned of", () => {
  const { warnings } = loadSettings(
    file("confluent.x=y\nlistener.name.plaintext.num.partitions=5\nzookeeper.connect=localhost:2181"),
  );
  assertEquals(warnings.length, 3);
  assertStringIncludes(warnings[0], "confluent.x has no effect");
  assertStringIncludes(warnings[1], "a listener cannot have it for itself");
  assertStringIncludes(warnings[2], "dropped it in version 4.0");
});

Deno.test("what its owner relies on, and does not get, is refused", () => {
  assertProblem(
    file("principal.builder.class=a.B"),
    "server.properties:1: principal.builder.class cannot be set to a.B. There are no Java classes to load.",
  );
  assertProblem(
    file("authorizer.class.name=a.B"),
    "server.properties:1: authorizer.class.name is a.B: there are no Java classes to load, but " +
      "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
  );
  const standard = "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer";
  assertProblem(
    file(`${standard}\nsuper.users=admin`),
    'server.properties:2: super.users has "admin", expected TYPE:NAME',
  );
  const { settings } = loadSettings(
    file(`${standard}\nsuper.users=User:a; User:b;\nallow.everyone.if.no.acl.found=true`),
  );
  assertEquals(settings.authorizer, { superUsers: new Set(["User:a", "User:b"]), allowEveryoneIfNoAclFound: true });
});

Deno.test("listeners that cannot be are refused", () => {
  const problems: [string, string][] = [
    ["listeners=localhost:9092", 'listeners has "localhost:9092", expected NAME://HOST:PORT'],
    ["listeners=PLAINTEXT://localhost:70000", 'listeners has "PLAINTEXT://localhost:70000", expected'],
    ["listeners=PLAINTEXT://:1,PLAINTEXT://:2", "listeners has two listeners with the name PLAINTEXT"],
    ["listeners=CONTROLLER://:1", "listeners has no listener for clients"],
    ["listeners=IN://:1", "listeners has the listener IN, whose security protocol is not known"],
    ["advertised.listeners=OUT://a:1", "advertised.listeners has the listener OUT, which is not in listeners"],
    ["advertised.listeners=PLAINTEXT://0.0.0.0:1", "advertised.listeners has the address 0.0.0.0, which no client can"],
    [
      "listener.security.protocol.map=PLAINTEXT",
      'listener.security.protocol.map has "PLAINTEXT", expected NAME:PROTOCOL',
    ],
  ];
  for (const [text, problem] of problems) assertProblem(file(text), `server.properties:1: ${problem}`);
});

Deno.test("addresses in brackets and advertised ports without a host are understood", () => {
  const { settings } = loadSettings(file("listeners=PLAINTEXT://[::1]:9092\nadvertised.listeners=PLAINTEXT://:19092"));
  assertEquals(settings.listeners, [
    {
      name: "PLAINTEXT",
      securityProtocol: "PLAINTEXT",
      host: "::1",
      port: 9092,
      advertised: { host: null, port: 19092 },
    },
  ]);
});

Deno.test("limits of connections can differ from address to address", () => {
  const { settings } = loadSettings(
    file("max.connections.per.ip=10\nmax.connections.per.ip.overrides=10.0.0.1:5, ::1:7"),
  );
  assertEquals(["10.0.0.1", "::1", "10.0.0.2"].map((address) => settings.maxConnectionsFrom(address)), [5, 7, 10]);
});

function file(text: string): SettingsSources {
  return { file: { path: "server.properties", text } };
}

function assertProblem(sources: SettingsSources, beginning: string): void {
  const error = assertThrows(() => loadSettings(sources), SettingsError);
  assert(error.message.startsWith(beginning), error.message);
}

Deno.test("a port given as a flag leaves alone what is advertised by a flag", () => {
  const { settings } = loadSettings({
    flags: { port: 0, set: { "advertised.listeners": "PLAINTEXT://kafka.example:19092" } },
  });
  assertEquals(settings.listeners[0].advertised, { host: "kafka.example", port: 19092 });
});

Deno.test("the levels of the log are checked, and what was meant is told", () => {
  const levels = (set: Record<string, string>) =>
    Object.fromEntries(loadSettings({ flags: { set } }).settings.logLevels);
  assertEquals(levels({}), { root: "INFO" });
  assertEquals(
    levels({ "barnabas.log.level": "WARN", "barnabas.log.level.overrides": "kafka.log = DEBUG, kafka.network=TRACE" }),
    { root: "WARN", "kafka.log": "DEBUG", "kafka.network": "TRACE" },
  );
  const cases: [name: string, value: string, complaint: string][] = [
    ["barnabas.log.format", "xml", "String must be one of: text, json"],
    ["barnabas.log.level", "LOUD", "String must be one of: FATAL, ERROR, WARN, INFO, DEBUG, TRACE"],
    ["barnabas.log.level.overrides", "kafka.netwrk=DEBUG", "Did you mean kafka.network?"],
    ["barnabas.log.level.overrides", "zoo=DEBUG", 'The log has no area "zoo". There are kafka.authorizer.logger, '],
    ["barnabas.log.level.overrides", "root=DEBUG", "The level of root is barnabas.log.level"],
    ["barnabas.log.level.overrides", "kafka.log", "kafka.log must have one of the levels FATAL, ERROR, WARN, INFO"],
    ["barnabas.log.level.overrides", "kafka.log=DEBUG,kafka.log=INFO", "kafka.log has two levels"],
  ];
  for (const [name, value, complaint] of cases) {
    assertThrows(() => levels({ [name]: value }), SettingsError, complaint);
  }
});
