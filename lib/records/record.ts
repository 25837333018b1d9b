/**
 * One record, of whatever format, as an object.
 *
 * @module
 */
import { Reader } from "../bytes/mod.ts";

/** A header of a record: a name, which may occur more than once, and a value. */
export interface RecordHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
}

const NO_BYTES = new Uint8Array(0);

/** A record, of whatever format. Key, value and header values are views of what it was read from. */
export class LogRecord {
  #headers: readonly RecordHeader[] | null = null;

  /**
   * @param offset its offset in the partition
   * @param timestamp milliseconds since the epoch, brought to the nearest safe integer; -1 where it has none
   * @param sequence its sequence number; -1 where the producer is not idempotent
   * @param headerCount how many headers there are
   * @param headerBytes the headers as they stand in a batch, checked already
   */
  constructor(
    readonly offset: number,
    readonly timestamp: number,
    readonly sequence: number,
    readonly key: Uint8Array | null,
    readonly value: Uint8Array | null,
    readonly headerCount = 0,
    readonly headerBytes: Uint8Array = NO_BYTES,
  ) {}

  /** The headers, decoded when first asked for: a megabyte of the shortest ones becomes many megabytes of objects. */
  get headers(): readonly RecordHeader[] {
    if (this.#headers === null) {
      const reader = new Reader(this.headerBytes);
      this.#headers = Array.from({ length: this.headerCount }, () => {
        const key = reader.string(reader.varint());
        return { key, value: readNullable(reader, "header value") };
      });
    }
    return this.#headers;
  }
}

function readNullable(reader: Reader, what: string): Uint8Array | null {
  const length = reader.varint();
  // As in Kafka, any negative length is null.
  return length < 0 ? null : reader.view(length, what);
}
