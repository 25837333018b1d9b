/**
 * Transactions survive the move of a folder between Apache Kafka and Barnabas, both ways: what one has finished the
 * other shows, what one has left open the other goes on with and ends, and who has fenced whom is known to both.
 */
import { assert, assertEquals } from "@std/assert";
import { ErrorCode } from "../../lib/protocol/error_code.ts";
import { CreateTopicsRequest, CreateTopicsResponse } from "../../lib/protocol/messages/create_topics.ts";
import {
  DescribeTransactionsRequest,
  DescribeTransactionsResponse,
} from "../../lib/protocol/messages/describe_transactions.ts";
import { committedOffset, TransactionalProducer, valuesOf } from "../api/handlers/transactional_producer.ts";
import { apacheKafkaIsMissing, freePorts, type RunningBroker, startApacheKafka } from "./support/apache_kafka.ts";
import { startBarnabas } from "./support/barnabas.ts";
import { RawClient } from "./support/raw_client.ts";
import { until, untilAnswered, untilCoordinated } from "./support/transactions.ts";

const missing = apacheKafkaIsMissing();
const why = missing === null ? "" : ` (ignored: ${missing})`;

const GROUP = "g";
/** Of this test alone, since tests run side by side. */
const PORTS = [21020, 21039] as const;
const SETTINGS = { "transaction.state.log.num.partitions": "3", "offsets.topic.num.partitions": "3" };

/** Starts a broker on the folder. */
type Start = (folder: string) => Promise<RunningBroker>;

const kafka: Start = (folder) => startApacheKafka({ folder, port: freePorts(2, ...PORTS), settings: SETTINGS });
const barnabas: Start = (folder) =>
  startBarnabas({ folder: `${folder}/data`, settings: { "node.id": "1", ...SETTINGS } });

for (const protocol of [1, 2] as const) {
  for (
    const [first, second, way] of [
      [kafka, barnabas, "Apache Kafka to Barnabas"],
      [barnabas, kafka, "Barnabas to Apache Kafka"],
    ] as const
  ) {
    Deno.test({
      name: `open and finished transactions of protocol ${protocol} go from ${way} and back${why}`,
      ignore: missing !== null,
      fn: () => thereAndBack(protocol, first, second),
    });
  }
}

async function thereAndBack(protocol: 1 | 2, first: Start, second: Start): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "barnabas-transactions-" });
  try {
    const journey = new Journey(protocol);
    await journey.visit(await first(folder), () => journey.begin());
    await journey.visit(await second(folder), () => journey.goOn());
    await journey.visit(await first(folder), () => journey.end());
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Producers that go from broker to broker with their folder. */
class Journey {
  readonly #finished: TransactionalProducer;
  readonly #open: TransactionalProducer;
  readonly #later: TransactionalProducer;
  readonly #replaced: TransactionalProducer;
  #asked!: RawClient;

  constructor(protocol: 1 | 2) {
    // They ask whichever broker serves the folder just then.
    const broker = { ask: ((...args: Parameters<RawClient["ask"]>) => this.#asked.ask(...args)) as RawClient["ask"] };
    [this.#finished, this.#open, this.#later, this.#replaced] = ["finished", "open", "later", "replaced"].map(
      (transactionalId) => new TransactionalProducer(broker, transactionalId, protocol),
    );
  }

  async visit(broker: RunningBroker, work: () => Promise<void>): Promise<void> {
    await using _ = broker;
    using asked = await RawClient.connect(broker);
    this.#asked = asked;
    const producers = [this.#finished, this.#open, this.#later, this.#replaced];
    await untilCoordinated(asked, GROUP, producers.map(({ transactionalId }) => transactionalId));
    await work();
  }

  async begin(): Promise<void> {
    await this.#asked.ask(CreateTopicsRequest, CreateTopicsResponse, 7, {
      topics: [{ name: "t", numPartitions: 1, replicationFactor: 1 }],
    });
    await succeeds(() => this.#finished.init());
    await this.#write(this.#finished, "a", 3);
    await succeeds(() => this.#finished.commit());
    await this.#write(this.#finished, "b", 4);
    await succeeds(() => this.#finished.abort());
    await succeeds(() => this.#open.init());
    await this.#write(this.#open, "c", 9);
    await succeeds(() => this.#replaced.init());
    await succeeds(() => new TransactionalProducer(this.#replaced.broker, "replaced").init());
    await this.#assertSeen(["a"], `error ${ErrorCode.UNSTABLE_OFFSET_COMMIT}`);
    assertEquals(await this.#stateOf(this.#open), "Ongoing");
  }

  async goOn(): Promise<void> {
    await this.#assertSeen(["a"], `error ${ErrorCode.UNSTABLE_OFFSET_COMMIT}`);
    assertEquals(await this.#stateOf(this.#finished), "CompleteAbort");
    assertEquals(await this.#stateOf(this.#open), "Ongoing");
    await succeeds(() => this.#open.send("t", 0, "d"));
    await succeeds(() => this.#open.commit());
    await this.#assertSeen(["a", "c", "d"], 9);
    await this.#write(this.#finished, "e", 10);
    await succeeds(() => this.#finished.commit());
    await this.#assertSeen(["a", "c", "d", "e"], 10);
    const error = await untilAnswered(() => this.#replaced.commit());
    assert(error === ErrorCode.PRODUCER_FENCED || error === ErrorCode.INVALID_PRODUCER_EPOCH, `error ${error}`);
    const { producerId, producerEpoch } = this.#finished;
    await succeeds(() => this.#finished.init({ producerId, producerEpoch }));
    assertEquals([this.#finished.producerId, this.#finished.producerEpoch], [producerId, producerEpoch + 1]);
    await succeeds(() => this.#later.init());
    assert(![this.#finished, this.#open, this.#replaced].some((other) => other.producerId === this.#later.producerId));
    await this.#write(this.#later, "f", 11);
  }

  async end(): Promise<void> {
    await this.#assertSeen(["a", "c", "d", "e"], `error ${ErrorCode.UNSTABLE_OFFSET_COMMIT}`);
    await succeeds(() => this.#later.abort());
    await this.#assertSeen(["a", "c", "d", "e"], 10);
    await this.#write(this.#finished, "g", 12);
    await succeeds(() => this.#finished.commit());
    await this.#assertSeen(["a", "c", "d", "e", "g"], 12);
  }

  async #write(producer: TransactionalProducer, value: string, offset: number): Promise<void> {
    if (producer.protocol === 1) {
      await succeeds(() => producer.addPartitions("t", 0));
      await succeeds(() => producer.addOffsets(GROUP));
    }
    await succeeds(() => producer.send("t", 0, value));
    await succeeds(() => producer.commitOffset(GROUP, "t", offset));
  }

  /** Apache Kafka shows what a transaction has come to a little after it has ended it. */
  async #assertSeen(values: readonly string[], offset: number | string): Promise<void> {
    const seen =
      async () => [await valuesOf(this.#asked, "t", 0), await committedOffset(this.#asked, GROUP, "t", true)];
    const expected = JSON.stringify([values, offset]);
    await until(async () => JSON.stringify(await seen()) === expected);
    assertEquals(await seen(), [values, offset]);
  }

  async #stateOf({ transactionalId, producerId, producerEpoch }: TransactionalProducer): Promise<string> {
    const { transactionStates: [described] } = await this.#asked.ask(
      DescribeTransactionsRequest,
      DescribeTransactionsResponse,
      0,
      { transactionalIds: [transactionalId] },
    );
    assertEquals([described.producerId, described.producerEpoch], [producerId, producerEpoch]);
    return described.transactionState;
  }
}

async function succeeds(ask: () => Promise<number>): Promise<void> {
  assertEquals(await untilAnswered(ask), ErrorCode.NONE);
}
