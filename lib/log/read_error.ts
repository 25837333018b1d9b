/**
 * Why records could not be looked at, as an error code.
 *
 * @module
 */
import { DecodeError } from "../bytes/mod.ts";
import { DiskError } from "../ports.ts";
import { ErrorCode } from "../protocol/error_code.ts";
import { UnsupportedCompressionError } from "../records/mod.ts";

/** The error code for what was thrown while records were looked at. What does not come of them is thrown anew. */
export function readErrorOf(error: unknown): ErrorCode {
  if (error instanceof DiskError) return ErrorCode.KAFKA_STORAGE_ERROR;
  if (error instanceof UnsupportedCompressionError) return ErrorCode.UNSUPPORTED_COMPRESSION_TYPE;
  if (error instanceof DecodeError) return ErrorCode.CORRUPT_MESSAGE;
  throw error;
}
