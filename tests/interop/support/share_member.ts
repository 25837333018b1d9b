/**
 * A member of a share group: Apache Kafka's KafkaShareConsumer in a process of its own, of which one can see what it gets.
 *
 * @module
 */
import { javaCommand } from "./apache_kafka.ts";
import { javaShareMember } from "./clients.ts";
import { Listened } from "./listened.ts";

const PROGRAM_FOLDER = new URL("../../../.cache/interop/java/", import.meta.url).pathname;

/** What a member says of its records: see `clients/java/ShareMember.java`. */
export type Behaviour = "implicit" | "explicit" | "half" | "none";

/** Which client it is: the newest, or the one of Apache Kafka 4.3.1. */
export type Release = "newest" | "4.3.1";

export class ShareMember extends Listened {
  /** What it got, in that order, each as `PARTITION-OFFSET×DELIVERIES`. */
  readonly records: string[] = [];
  #acknowledgements = 0;

  constructor(bootstrap: string, topic: string, group: string, behaviour: Behaviour, release: Release) {
    const args = [bootstrap, topic, group, behaviour];
    super(
      release === "newest"
        ? javaShareMember.command("member", args)
        : [...javaCommand("ShareMember", PROGRAM_FOLDER), "member", ...args],
    );
  }

  /** Resolves when these records have come, in any order, and nothing else. */
  async untilSeen(expected: readonly string[]): Promise<void> {
    const wanted = expected.toSorted().join(" ");
    await this.until(`the records ${wanted} came`, () => this.records.toSorted().join(" ") === wanted);
  }

  /** Resolves when it has said of its records what it says, and been answered. */
  async untilAcknowledged(): Promise<void> {
    await this.until("its records are acknowledged", () => this.#acknowledgements > 0);
  }

  override describe(): string {
    return `it got ${this.records.join(" ")}`;
  }

  protected override hear(line: string): void {
    const [word, partition, offset, deliveries] = line.split(" ");
    if (word === "record") this.records.push(`${partition}-${offset}×${deliveries}`);
    if (word === "acknowledged") this.#acknowledgements++;
  }
}
