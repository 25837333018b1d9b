/**
 * Every request, response and header in the bytes that Apache Kafka's own serializers made.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { RequestHeader, ResponseHeader } from "../../lib/protocol/messages/headers.ts";
import { APIS, findApi } from "../../lib/protocol/messages/mod.ts";
import type { Message } from "../../lib/protocol/schema.ts";
import { requestHeaderVersion, responseHeaderVersion } from "../../lib/wire/headers.ts";
import { checkMessageVector, type MessageVector } from "./message_vector.ts";
import { checkLines, type Line, testVectors } from "./vectors.ts";

interface Vector extends MessageVector {
  readonly kind: "request" | "response" | "header";
  readonly apiKey?: number;
  readonly headerVersion?: number;
}

const FILE = "messages.jsonl";

testVectors<Vector>("headers are read and written as Apache Kafka does", FILE, (lines) => {
  checkKind(lines, "header", ({ name }) => name === "RequestHeader" ? RequestHeader : ResponseHeader);
});

testVectors<Vector>("requests are read and written as Apache Kafka does", FILE, (lines) => {
  checkKind(lines, "request", ({ apiKey }) => findApi(apiKey!)!.request);
});

testVectors<Vector>("responses are read and written as Apache Kafka does", FILE, (lines) => {
  checkKind(lines, "response", ({ apiKey }) => findApi(apiKey!)!.response);
});

testVectors<Vector>("requests and responses have the header versions of Apache Kafka", FILE, (lines) => {
  checkLines(lines.filter(({ vector }) => vector.kind !== "header"), describe, (vector) => {
    const api = findApi(vector.apiKey!)!;
    const expected = vector.kind === "request"
      ? requestHeaderVersion(api.request, vector.version)
      : responseHeaderVersion(api.response, vector.version);
    assertEquals(expected, vector.headerVersion);
  });
});

testVectors<Vector>("there are vectors for every version of every request and response", FILE, (lines) => {
  const covered = new Set(lines.map(({ vector }) => describe(vector)));
  for (const message of APIS.flatMap(({ request, response }) => [request, response])) {
    for (let version = message.versions[0]; version <= message.versions[1]; version++) {
      assertEquals(covered.has(describe({ name: message.name, version })), true, `${message.name} version ${version}`);
    }
  }
});

function checkKind(
  lines: readonly Line<Vector>[],
  kind: Vector["kind"],
  messageOf: (vector: Vector) => Message<unknown>,
): void {
  checkLines(lines.filter(({ vector }) => vector.kind === kind), describe, (vector) => {
    const message = messageOf(vector);
    assertEquals(message.name, vector.name);
    checkMessageVector(message, vector);
  });
}

function describe({ name, version }: Pick<Vector, "name" | "version">): string {
  return `${name} version ${version}`;
}
