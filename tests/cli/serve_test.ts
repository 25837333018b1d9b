import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { main } from "../../lib/cli/mod.ts";
import { VERSION } from "../../lib/version.ts";
import { Exit, FakeProgram, run } from "./fake_program.ts";

Deno.test("a broker says in three lines where it listens, where its data is and which it is, and stops when told to", async () => {
  const { program, exitCode } = await start(["--port", "0", "--data-dir", "memory"]);
  const [address, folder, version, ...rest] = program.output.split("\n");
  assertMatch(address, /^listening on 127\.0\.0\.1:\d+$/);
  assertEquals(folder, "data in memory, gone when it stops");
  assertEquals(version, `Barnabas ${VERSION}, for clients of Apache Kafka up to 4.3`);
  assertEquals([rest, program.errors], [[""], []]);
  program.stop!();
  assertEquals(await exitCode, 0);
});

Deno.test("the second time that it is told to, it stops at once", async () => {
  const { program, exitCode } = await start(["--port", "0", "--data-dir", "memory"]);
  program.stop!();
  let ended: unknown;
  try {
    program.stop!();
  } catch (error) {
    ended = error;
  }
  assert(ended instanceof Exit && ended.code === 130);
  await exitCode;
});

Deno.test("a file of settings, the environment and flags make the settings together", async () => {
  const { program, exitCode } = await start(["server.properties", "--port", "0", "--set", "num.partitions=7"], {
    files: { "server.properties": "listeners=PLAINTEXT://127.0.0.1:9092\nnum.io.threads=4\nqueued.max.requests=7\n" },
    environment: { KAFKA_LOG_DIRS: "memory" },
  });
  assertStringIncludes(program.output, "data in memory");
  assertEquals(program.errors, [
    "barnabas: warning: server.properties:3: queued.max.requests has no effect. Requests in progress are bounded by " +
    "queued.max.request.bytes, whatever their number.",
  ]);
  program.stop!();
  assertEquals(await exitCode, 0);
});

Deno.test("settings that cannot be are refused, a line each", async () => {
  const outcome = await run(["server.properties"], {
    files: { "server.properties": "num.partition=1\nlog.retention.ms=long\n" },
  });
  assertEquals(outcome, {
    exitCode: 1,
    output: "",
    errors: [
      'barnabas: server.properties:1: unknown setting "num.partition". Did you mean "num.partitions"?',
      "barnabas: server.properties:2: Invalid value long for configuration log.retention.ms: Not a number of type LONG",
    ],
  });
  assertEquals((await run(["missing.properties"])).errors, [
    "barnabas: Cannot read missing.properties: there is no such file",
  ]);
});

Deno.test("a port that somebody else has is said in a line", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const outcome = await run(["--port", String(taken.addr.port), "--data-dir", "memory"]);
  assertEquals([outcome.exitCode, outcome.output, outcome.errors.length], [1, "", 1]);
  assertStringIncludes(outcome.errors[0], `Cannot listen on 127.0.0.1:${taken.addr.port}`);
});

Deno.test("a broker gives up opening sockets once it serves, unless it fetches the keys of tokens", async () => {
  const KEYS = "sasl.oauthbearer.jwks.endpoint.url";
  for (
    const [settings, expected] of [
      [[], true],
      [[`${KEYS}=file:///etc/keys.json`], true],
      [[`${KEYS}=https://issuer.example.com/keys`], false],
      [[`listener.name.plaintext.oauthbearer.${KEYS}=https://issuer.example.com/keys`], false],
    ] as const
  ) {
    const flags = settings.flatMap((setting) => ["--set", setting]);
    const { program, exitCode } = await start(["--port", "0", "--data-dir", "memory", ...flags]);
    assertEquals(program.hasGivenUpNetwork, expected, settings.join());
    program.stop!();
    assertEquals(await exitCode, 0);
  }
});

/** Starts a broker in this process, and waits for its banner. */
async function start(
  args: readonly string[],
  input: ConstructorParameters<typeof FakeProgram>[1] = {},
): Promise<{ program: FakeProgram; exitCode: Promise<number> }> {
  const program = new FakeProgram(args, input);
  const written = new Promise<void>((resolve) => program.onWrite = resolve);
  const exitCode = main(program);
  await Promise.race([written, exitCode]);
  return { program, exitCode };
}
