import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parseJson } from "../../lib/protocol/json.ts";
import { ApiVersionsResponse } from "../../lib/protocol/messages/api_versions.ts";
import { FetchResponse } from "../../lib/protocol/messages/fetch.ts";
import { ProduceRequest } from "../../lib/protocol/messages/produce.ts";
import { HeartbeatResponse } from "../../lib/protocol/messages/heartbeat.ts";
import { RequestHeader } from "../../lib/protocol/messages/headers.ts";
import { RecordBatchBuilder } from "../../lib/records/mod.ts";
import { runtimeCompressor } from "../../lib/shell/compressor.ts";
import { writeResponse } from "../../lib/wire/headers.ts";
import { concat } from "@std/bytes";
import { Writer } from "../../lib/bytes/mod.ts";
import { run } from "./fake_program.ts";

const API_VERSIONS = "00000023001200046f7fc66100096b61666b612d636c69000a6b61666b612d636c6904302e3100";

const EXPLAINED = {
  length: 35,
  api: "ApiVersions",
  header: { requestApiKey: 18, requestApiVersion: 4, correlationId: 1870644833, clientId: "kafka-cli" },
  body: { clientSoftwareName: "kafka-cli", clientSoftwareVersion: "0.1" },
};

Deno.test("a request is printed with the names of its fields", async () => {
  const { exitCode, output } = await run(["explain", API_VERSIONS]);
  assertEquals(exitCode, 0);
  assertEquals(parseJson(output), EXPLAINED);
});

Deno.test("hexadecimal may be spaced, broken into lines, in capitals, in several arguments, or on standard input", async () => {
  const spaced = API_VERSIONS.toUpperCase().replace(/../g, "$& ").replace(/(.{40})/g, "$1\n");
  for (
    const outcome of [await run(["explain", ...spaced.split(" ")]), await run(["explain"], { standardInput: spaced })]
  ) {
    assertEquals(parseJson(outcome.output), EXPLAINED);
  }
});

Deno.test("a frame without its length is understood, and several frames are explained one after the other", async () => {
  const { length: _, ...withoutLength } = EXPLAINED;
  assertEquals(parseJson((await run(["explain", API_VERSIONS.slice(8)])).output), withoutLength);
  const { output } = await run(["explain", API_VERSIONS, API_VERSIONS]);
  assertEquals(output, `${(await run(["explain", API_VERSIONS])).output}`.repeat(2));
});

Deno.test("of a request that does not decode there is what was decoded, and where it fails", async () => {
  const { exitCode, output } = await run([
    "explain",
    "000000230012000450b2a73000096b61666b612d636c69500a6b61666b612d636c6904302e3100",
  ]);
  assertEquals(exitCode, 1);
  assertEquals(parseJson(output), {
    length: 35,
    api: "ApiVersions",
    header: { requestApiKey: 18, requestApiVersion: 4, correlationId: 1353885488, clientId: "kafka-cli" },
    problem: "the header does not decode: count 80 cannot be: 15 bytes remain, an element takes 2 or more (at byte 20)",
  });
});

Deno.test("a request of an unknown version or API is explained from its first eight bytes", async () => {
  const version = await run([
    "explain",
    "000000230012674a4f74d28b00096b61666b612d636c69500a6b61666b612d636c6904302e3100",
  ]);
  assertEquals(parseJson(version.output), {
    length: 35,
    api: "ApiVersions",
    header: { requestApiKey: 18, requestApiVersion: 26442, correlationId: 1333056139 },
    problem: "ApiVersions has the versions 0 to 4, and no 26442",
  });
  const api = await run(["explain", "7fff 0000 00000001 ffff"]);
  assertEquals(parseJson(api.output), {
    header: { requestApiKey: 32767, requestApiVersion: 0, correlationId: 1 },
    problem: "no API has the key 32767",
  });
});

Deno.test("a frame that is cut short is explained as far as it goes", async () => {
  const { exitCode, output } = await run(["explain", API_VERSIONS.slice(0, -2)]);
  assertEquals(exitCode, 1);
  const { problem, ...explained } = parseJson(output) as Record<string, unknown>;
  assertEquals(explained, { ...EXPLAINED, missingBytes: 1 });
  assertStringIncludes(String(problem), "at byte 34");
  assertEquals((await run(["explain", "0012"])).exitCode, 1);
});

Deno.test("bytes that are left over are counted", async () => {
  const { output } = await run(["explain", `00000024${API_VERSIONS.slice(8)}ff`]);
  assertEquals((parseJson(output) as { problem: string }).problem, "1 bytes are left over (from byte 35 on)");
});

Deno.test("record batches are opened, whatever compresses them", async () => {
  for (const compression of ["none", "gzip", "snappy", "lz4"] as const) {
    const frame = produceFrame(batchOf(compression));
    const { exitCode, output } = await run(["explain", hex(frame)]);
    assertEquals(exitCode, 0, output);
    // deno-lint-ignore no-explicit-any
    const [batch] = (parseJson(output) as any).body.topicData[0].partitionData[0].records;
    assertEquals([batch.magic, batch.crcOk, batch.compressionType, batch.recordCount], [2, true, compression, 2]);
    assertEquals(batch.records, [
      { offset: 0, timestamp: 1000, key: "k", value: "hello, wörld", headers: [{ key: "h", value: "1" }] },
      { offset: 1, timestamp: 1001, key: null, value: { hex: "00ff" } },
    ]);
  }
});

Deno.test("of record batches that are damaged the sound ones are shown", async () => {
  const batch = batchOf("none");
  const { output } = await run(["explain", hex(produceFrame(concat([batch, batch.subarray(0, 30)])))]);
  // deno-lint-ignore no-explicit-any
  const records = (parseJson(output) as any).body.topicData[0].partitionData[0].records;
  assertEquals(records.length, 2);
  assertStringIncludes(records[1].problem, "no whole batch");
});

Deno.test("a response is explained when its API and version are told", async () => {
  const frame = concat(writeResponse(7, ApiVersionsResponse, 3, { apiKeys: [{ apiKey: 18, maxVersion: 4 }] }));
  const { exitCode, output } = await run([
    "explain",
    "--response",
    "--api",
    "ApiVersions",
    "--version",
    "3",
    hex(frame),
  ]);
  assertEquals(exitCode, 0);
  assertEquals(parseJson(output), {
    length: frame.length - 4,
    api: "ApiVersions",
    version: 3,
    header: { correlationId: 7 },
    body: { errorCode: 0, apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 4 }], throttleTimeMs: 0 },
  });
});

Deno.test("the version of a response is guessed where only its API is told, by name or number", async () => {
  const frame = concat(
    writeResponse(7, FetchResponse, 12, { responses: [{ topic: "t", partitions: [{ partitionIndex: 1 }] }] }),
  );
  for (const api of ["fetch", "1", "FetchResponse"]) {
    const explained = parseJson((await run(["explain", "--api", api, hex(frame)])).output) as Record<string, unknown>;
    assertEquals([explained.api, explained.version], ["Fetch", 12]);
  }
});

Deno.test("where several versions fit, the newest is taken and the others are named", async () => {
  const frame = concat(writeResponse(7, HeartbeatResponse, 2, { errorCode: 27 }));
  const explained = parseJson((await run(["explain", "--api", "Heartbeat", hex(frame)])).output) as Record<
    string,
    unknown
  >;
  assertEquals(explained.guess, "version 3; 2, 1 would fit too");
});

Deno.test("a response that could be anything is not guessed at", async () => {
  const frame = concat(writeResponse(7, HeartbeatResponse, 2, { errorCode: 27 }));
  const { exitCode, output } = await run(["explain", "--response", hex(frame)]);
  assertEquals(exitCode, 1);
  const { header, problem } = parseJson(output) as Record<string, unknown>;
  assertEquals(header, { correlationId: 7 });
  assertStringIncludes(String(problem), "it could be of several APIs, name one with --api: ");
  assertStringIncludes(String(problem), "Heartbeat");
});

Deno.test("what cannot be explained is said in a line", async () => {
  const cases: [string[], string | null, string][] = [
    [["zz"], null, 'barnabas: Cannot explain this: "z" is no hexadecimal digit'],
    [["123"], null, "barnabas: Cannot explain this: 3 hexadecimal digits are no whole number of bytes"],
    [[], null, "barnabas: Nothing to explain: give a frame in hexadecimal, or pipe one in"],
    [[], " \n", "barnabas: Nothing to explain: the input is empty"],
    [["--api", "Nonsense", "00"], null, "barnabas: There is no API Nonsense"],
  ];
  for (const [args, standardInput, message] of cases) {
    const { exitCode, output, errors } = await run(["explain", ...args], { standardInput });
    assertEquals([exitCode, output, errors.length], [1, "", 1]);
    assert(errors[0].startsWith(message), errors[0]);
  }
});

function batchOf(compressionType: "none" | "gzip" | "snappy" | "lz4"): Uint8Array {
  const encode = (text: string) => new TextEncoder().encode(text);
  const builder = new RecordBatchBuilder({ compressionType }, runtimeCompressor);
  builder.append({
    timestamp: 1000,
    key: encode("k"),
    value: encode("hello, wörld"),
    headers: [{ key: "h", value: encode("1") }],
  });
  builder.append({ timestamp: 1001, key: null, value: Uint8Array.of(0, 255) });
  return builder.build();
}

function produceFrame(records: Uint8Array): Uint8Array {
  const writer = new Writer();
  writer.int32(0);
  RequestHeader.write(writer, 2, { requestApiKey: 0, requestApiVersion: 9, correlationId: 1, clientId: "c" });
  ProduceRequest.write(writer, 9, {
    acks: -1,
    timeoutMs: 1000,
    topicData: [{ name: "t", partitionData: [{ index: 0, records }] }],
  });
  writer.setInt32(0, writer.length - 4);
  return writer.finish();
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
