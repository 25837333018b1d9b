import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { VERSION } from "../../lib/version.ts";
import { run } from "./fake_program.ts";

Deno.test("--help tells a newcomer how to start a broker, and each verb has its own", async () => {
  for (const args of [["--help"], ["-h"], ["help"]]) {
    const { exitCode, output, errors } = await run(args);
    assertEquals([exitCode, errors], [0, []]);
    for (
      const part of ["serves on localhost:9092", "--port", "--data-dir", "--set", "explain", "format", "kcat", "Ctrl-C"]
    ) {
      assertStringIncludes(output, part);
    }
  }
  assertStringIncludes((await run(["help", "explain"])).output, "--api <name>");
  assertStringIncludes((await run(["format", "--help"])).output, "--cluster-id <id>");
});

Deno.test("help fits a terminal of 100 columns", async () => {
  for (const verb of [["--help"], ["explain", "--help"], ["format", "--help"]]) {
    for (const line of (await run(verb)).output.split("\n")) assert(line.length <= 100, line);
  }
});

Deno.test("version says which Barnabas it is, for which Apache Kafka, on what", async () => {
  for (const args of [["version"], ["--version"], ["-V"]]) {
    assertEquals(await run(args), {
      exitCode: 0,
      output: `barnabas ${VERSION} (for Apache Kafka 4.3, Deno 0.0.0)\n`,
      errors: [],
    });
  }
});

Deno.test("the version is that of the package", async () => {
  const { default: manifest } = await import("../../deno.json", { with: { type: "json" } });
  assertEquals(VERSION, manifest.version);
});

Deno.test("a misspelt flag is refused with the one that was meant", async () => {
  const { exitCode, output, errors } = await run(["--prot", "1"]);
  assertEquals([exitCode, output], [1, ""]);
  assertEquals(errors.join("\n"), "barnabas: unknown option '--prot'\n(Did you mean --port?)");
});

Deno.test("flags that cannot be are refused in a line", async () => {
  const cases: [string[], string][] = [
    [["--port", "65536"], "It must be a number from 0 to 65535."],
    [["--port", "http"], "It must be a number from 0 to 65535."],
    [["--node-id", "-1"], "It must be a whole number."],
    [["--set", "num.partitions"], "It must be name=value, such as num.partitions=3."],
    [["--set", "=3"], "It must be name=value, such as num.partitions=3."],
  ];
  for (const [args, reason] of cases) {
    const { exitCode, errors } = await run(args);
    assertEquals([exitCode, errors.length], [1, 1]);
    assert(errors[0].startsWith("barnabas: ") && errors[0].endsWith(reason), errors[0]);
  }
});
