/**
 * The error that damaged batches cause.
 *
 * @module
 */
import { DecodeError } from "../bytes/mod.ts";

/** Where a batch breaks its format. */
export type CorruptBatchKind =
  /** The length or the magic cannot be: nothing after this point can be told apart. */
  | "framing"
  /** The bytes end before the batch does: a torn tail, or the end of a partial read. */
  | "leftover"
  /** The batch stands apart from its neighbours, but its header or its checksum is wrong. */
  | "batch"
  /** The header and the checksum are right, and the records inside do not decode. */
  | "records";

/**
 * A record batch that is damaged. It is a {@linkcode DecodeError}, so that whoever guards against malformed input
 * catches it too; `kind` says how much of the input is lost.
 *
 * `offset` counts bytes from the start of what was given: for "framing" and "leftover" all before it are whole batches.
 */
export class CorruptBatchError extends DecodeError {
  override name = "CorruptBatchError";

  readonly #reason: string;

  constructor(readonly kind: CorruptBatchKind, reason: string, offset: number) {
    super(reason, offset);
    this.#reason = reason;
  }

  /** The same damage, as seen by one who knows that what was given starts `bytes` further on in something larger. */
  movedBy(bytes: number): CorruptBatchError {
    return new CorruptBatchError(this.kind, this.#reason, this.offset + bytes);
  }
}
