/**
 * The hash by which a group notices that its topics have changed (KIP-1101): in the group's record stands what they came
 * to at its epoch. It must be that of Apache Kafka, lest a group rebalance when its folder moves.
 *
 * @module
 */
import { type Uuid, uuidToBytes, xxh3 } from "../../../bytes/mod.ts";
import type { GroupImage } from "../group_state.ts";

/** The version of the hash. */
const MAGIC = 0;

/** The hashes of topics, which are remembered until a topic changes. */
export class MetadataHashes {
  readonly #byTopic = new Map<string, bigint>();

  /** The hash of a group whose topics these are, by name, as a signed integer of 64 bits; 0 where there are none. */
  of(topicNames: Iterable<string>, image: GroupImage): bigint {
    const names = [...topicNames].filter((name) => image.topicByName(name) !== undefined).sort();
    if (names.length === 0) return 0n;
    const input = new HashInput();
    for (const name of names) {
      let hash = this.#byTopic.get(name);
      if (hash === undefined) this.#byTopic.set(name, hash = topicHash(name, image));
      input.int64(hash);
    }
    return input.hash();
  }

  /** The topics have changed. */
  forget(topics: Iterable<string>): void {
    for (const topic of topics) this.#byTopic.delete(topic);
  }
}

/** The hash of a topic: its id, name, partitions and the racks of their replicas. */
function topicHash(name: string, image: GroupImage): bigint {
  const { id, partitions } = image.topicByName(name)!;
  const input = new HashInput();
  input.int8(MAGIC);
  input.uuid(id);
  input.string(name);
  input.int32(partitions.size);
  for (let index = 0; index < partitions.size; index++) {
    input.int32(index);
    for (const rack of racksOf(partitions.get(index)?.replicas ?? [], image)) {
      input.int32(rack.length);
      input.string(rack);
    }
  }
  return input.hash();
}

function racksOf(replicas: readonly number[], { brokers }: GroupImage): string[] {
  const racks = replicas.map((broker) => brokers.get(broker)?.rack ?? null);
  return racks.filter((rack) => rack !== null).sort();
}

/** Bytes as hash4j, which Apache Kafka hashes with, streams values: all of them little-endian. */
class HashInput {
  #bytes = new DataView(new ArrayBuffer(256));
  #length = 0;

  int8(value: number): void {
    const at = this.#take(1);
    this.#bytes.setInt8(at, value);
  }

  int32(value: number): void {
    const at = this.#take(4);
    this.#bytes.setInt32(at, value, true);
  }

  int64(value: bigint): void {
    const at = this.#take(8);
    this.#bytes.setBigInt64(at, value, true);
  }

  /** UTF-16 units, and then how many there are. */
  string(value: string): void {
    const at = this.#take(value.length * 2);
    for (let index = 0; index < value.length; index++) {
      this.#bytes.setUint16(at + index * 2, value.charCodeAt(index), true);
    }
    this.int32(value.length);
  }

  /** Two integers of 64 bits. */
  uuid(value: Uuid): void {
    const bytes = new DataView(new ArrayBuffer(16));
    uuidToBytes(value, new Uint8Array(bytes.buffer));
    this.int64(bytes.getBigInt64(0));
    this.int64(bytes.getBigInt64(8));
  }

  hash(): bigint {
    return BigInt.asIntN(64, xxh3(new Uint8Array(this.#bytes.buffer, 0, this.#length)));
  }

  #take(bytes: number): number {
    const at = this.#length;
    this.#length += bytes;
    if (this.#length > this.#bytes.byteLength) {
      const grown = new Uint8Array(Math.max(this.#length, this.#bytes.byteLength * 2));
      grown.set(new Uint8Array(this.#bytes.buffer));
      this.#bytes = new DataView(grown.buffer);
    }
    return at;
  }
}
