/**
 * Headers of requests and responses: which version of a header goes with which version of an API (KIP-482).
 *
 * @module
 */
import { DecodeError, Reader, Writer } from "../bytes/mod.ts";
import { RequestHeader, ResponseHeader } from "../protocol/messages/headers.ts";
import type { Message } from "../protocol/schema.ts";

/** The part of every request header that never changes: its first eight bytes. */
export interface RequestPrefix {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
}

const API_VERSIONS_KEY = 18;

/** The bytes of a {@linkcode RequestPrefix}. */
const PREFIX_BYTES = 8;

/**
 * Reads the first eight bytes of a request frame.
 *
 * @throws {DecodeError} where the frame is shorter.
 */
export function readRequestPrefix(frame: Uint8Array): RequestPrefix {
  if (frame.length < PREFIX_BYTES) {
    throw new DecodeError(`a request frame of ${frame.length} bytes has no room for its header`, frame.length);
  }
  const reader = new Reader(frame);
  return { apiKey: reader.int16(), apiVersion: reader.int16(), correlationId: reader.int32() };
}

/** The version of the request header that goes with a version of a request. */
export function requestHeaderVersion(request: Message<unknown>, version: number): number {
  return request.isFlexible(version) ? 2 : 1;
}

/** The version of the response header that goes with a version of a response. ApiVersions keeps the old one, for clients that do not know the broker yet (KIP-511). */
export function responseHeaderVersion(response: Message<unknown>, version: number): number {
  return response.key !== API_VERSIONS_KEY && response.isFlexible(version) ? 1 : 0;
}

/**
 * Reads header and body of a request frame.
 *
 * @throws {DecodeError} where they are malformed, or bytes are left over that `mayLeaveOver` does not know.
 */
export function readRequest<T>(
  frame: Uint8Array,
  message: Message<T>,
  version: number,
  mayLeaveOver: (request: T, sizeInBytes: number) => boolean = () => false,
): { clientId: string | null; request: T } {
  const reader = new Reader(frame);
  const { clientId } = RequestHeader.read(reader, requestHeaderVersion(message, version));
  const request = message.read(reader, version);
  if (!mayLeaveOver(request, reader.remaining)) reader.end();
  return { clientId, request };
}

/** Writes a whole response frame: length, header and body. Record batches are in it by reference. */
export function writeResponse<T>(
  correlationId: number,
  message: Message<T>,
  version: number,
  body: Parameters<Message<T>["encode"]>[1],
): Uint8Array[] {
  const writer = new Writer();
  writer.int32(0);
  ResponseHeader.write(writer, responseHeaderVersion(message, version), { correlationId });
  message.write(writer, version, body);
  const length = writer.length - 4;
  writer.setInt32(0, length);
  return writer.finishChunks();
}
