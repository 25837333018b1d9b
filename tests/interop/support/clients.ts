/**
 * Real clients, each behind the same commands. kcat has a command line of its own; the others are our small programs in
 * `tests/interop/clients`, which `tests/interop/install.sh` builds and whose libraries it brings.
 *
 * ```text
 * produce BOOTSTRAP TOPIC COMPRESSION FILE   each line is a record without a key, acks=all
 * consume BOOTSTRAP TOPIC COUNT              partition 0 from its beginning, without a group, each record as a line
 * admin   BOOTSTRAP TOPIC                    creates, describes, grows and deletes a topic, and tells what it sees
 * offsets BOOTSTRAP TOPIC                    three records a second apart, an hour ago, and their offsets by time
 * member  BOOTSTRAP TOPIC GROUP [ASSIGNOR]   consumes in a group, commits, and tells of its assignments and records, one a
 *                                            line (`assigned 0 1`, `record PARTITION OFFSET VALUE`), until its input ends
 * ```
 *
 * @module
 */

/** Kafka's compression types, by their names in `compression.type`. */
export const COMPRESSION_TYPES = ["none", "gzip", "snappy", "lz4", "zstd"] as const;
export type CompressionType = typeof COMPRESSION_TYPES[number];

/** What a client can do; all can produce. */
export interface Client {
  readonly name: string;
  readonly compressionTypes: readonly CompressionType[];
  /** Whether it can consume without a group. */
  readonly consumes: boolean;
  /** Whether it has an admin client, and knows how to ask for offsets. */
  readonly administers: boolean;
  /** Its words for those of its assignors that make it rebalance differently; empty where the program offers no choice. */
  readonly assignors: readonly string[];
  /** Why it cannot run here; null where it can. */
  readonly missing: string | null;
  readonly command: (verb: string, args: readonly string[]) => readonly string[];
}

const CACHE = new URL("../../../.cache/interop/", import.meta.url).pathname;
const PROGRAMS = new URL("../clients/", import.meta.url).pathname;

export const kcat: Client = {
  name: "kcat",
  compressionTypes: COMPRESSION_TYPES,
  consumes: true,
  administers: false,
  assignors: [],
  missing: runs("kcat", "-V") ? null : "kcat is not installed",
  command(verb, [bootstrap, topic, ...rest]) {
    const common = ["kcat", "-b", bootstrap, "-t", topic];
    // Its format of an assignment is its own.
    if (verb === "member") {
      const output = [
        "-f",
        "record %p %o %s\n",
        "-u",
        "-X",
        "auto.offset.reset=earliest",
        "-X",
        "heartbeat.interval.ms=500",
      ];
      return ["kcat", "-b", bootstrap, "-G", rest[0], ...output, ...rest.slice(1), topic];
    }
    if (verb === "produce") return [...common, "-P", "-X", "acks=all", "-z", rest[0], "-l", rest[1]];
    // It reads to the end, so that what is there beyond the expected is seen as well.
    return [...common, "-C", "-p", "0", "-o", "beginning", "-e", "-q"];
  },
};

export const CLIENTS: readonly Client[] = [
  kcat,
  ours("franz-go", `${CACHE}franz_go`, (program) => [program]),
  {
    ...ours("sarama", `${CACHE}sarama`, (program) => [program]),
    assignors: ["range", "sticky", "cooperative-sticky"],
  },
  { ...ours("kafka-go", `${CACHE}kafka_go`, (program) => [program]), assignors: ["range", "roundrobin"] },
  {
    ...ours("Java client", `${CACHE}java/installed.xml`, () => javaProgram("Client")),
    assignors: ["Range", "CooperativeSticky"],
  },
  { ...pythonClient("confluent-kafka", "confluent_kafka"), assignors: ["range", "cooperative-sticky"] },
  pythonClient("kafka-python", "kafka_python"),
  { ...pythonClient("aiokafka", "aiokafka"), assignors: ["range", "sticky"] },
  {
    ...ours("kafkajs", `${CACHE}node/installed.json`, () => nodeProgram("kafkajs.mjs")),
    compressionTypes: ["none", "gzip", "snappy"],
    consumes: false,
  },
  ours("@platformatic/kafka", `${CACHE}node/installed.json`, () => nodeProgram("platformatic_kafka.mjs")),
];

/** The Java client as a member of a group whose settings are given as further words of `member`, `NAME=VALUE` each. */
export const javaMember = ours("Java client", `${CACHE}java/GroupMember.class`, () => javaProgram("GroupMember"));

/** The Java client as a member of a share group; knows nothing else. */
export const javaShareMember = ours(
  "Java client",
  `${CACHE}java/ShareMember.class`,
  () => javaProgram("ShareMember"),
);

/** @platformatic/kafka as a member by the consumer protocol; knows `member` alone. */
export const platformaticMember = ours(
  "@platformatic/kafka",
  `${CACHE}node/installed.json`,
  () => nodeProgram("platformatic_consumer_group.mjs"),
);

/** One of `CLIENTS` by its name. */
export function client(name: string): Client {
  return CLIENTS.find((client) => client.name === name)!;
}

/**
 * Runs a command of a client and returns what it printed.
 *
 * @throws {Error} with all that it said, where it fails or takes longer than a minute and a half.
 */
export async function run(client: Client, verb: string, ...args: readonly string[]): Promise<Uint8Array> {
  const [program, ...rest] = client.command(verb, args);
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: rest,
    stdin: "null",
    signal: AbortSignal.timeout(90_000),
  }).output();
  if (!success) throw new Error(`${client.name} cannot ${verb}: ${new TextDecoder().decode(stderr)}`);
  return stdout;
}

/** One of our own programs, which is there once the installation has made `file`. */
function ours(name: string, file: string, program: (file: string) => readonly string[]): Client {
  return {
    name,
    compressionTypes: COMPRESSION_TYPES,
    consumes: true,
    administers: true,
    assignors: [],
    missing: exists(file) ? null : `${name} is not installed`,
    command: (verb, args) => [...program(file), verb, ...args],
  };
}

function javaProgram(name: string): readonly string[] {
  const logging = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn";
  return ["java", "-XX:TieredStopAtLevel=1", logging, "-cp", `${CACHE}java:${CACHE}java/libs/*`, name];
}

/** A client of the packages in `clients/requirements.txt`; its program is the one in that folder. */
function pythonClient(name: string, folder: string): Client {
  const program = [`${CACHE}python/bin/python`, `${PROGRAMS}${folder}/client.py`];
  return ours(name, `${CACHE}python/installed.txt`, () => program);
}

function nodeProgram(name: string): readonly string[] {
  return [`${CACHE}node/node`, "--no-warnings", `${PROGRAMS}node/${name}`];
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

function runs(program: string, ...args: string[]): boolean {
  try {
    return new Deno.Command(program, { args, stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}
