/** The program itself, as a process of its own. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);
/** Where JSR is out of reach, the tests run with an import map, and so must the program. */
const IMPORT_MAP = import.meta.resolve("@std/bytes").startsWith("file:")
  ? [`--import-map=${new URL("offline/import_map.json", ROOT).pathname}`]
  : [];
const isWindows = Deno.build.os === "windows";

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test({
    name: `${signal} stops a broker cleanly, and another one goes on with its folder`,
    ignore: isWindows,
    fn: () =>
      withFolder(async (folder) => {
        for (let start = 0; start < 2; start++) {
          await using broker = await Running.start(["--port", "0", "--data-dir", folder]);
          assertMatch(broker.banner[0], /^listening on 127\.0\.0\.1:\d+$/);
          assertEquals(broker.banner[1], `data in ${folder}`);
          assertEquals(await broker.stop(signal), { code: 0, output: "", errors: "" });
        }
      }),
  });
}

Deno.test("a folder that another process uses is said in a line", () =>
  withFolder(async (folder) => {
    await using broker = await Running.start(["--port", "0", "--data-dir", folder]);
    assertEquals(broker.banner.length, 3);
    const { code, output, errors } = await runToEnd(["--port", "0", "--data-dir", folder]);
    assertEquals([code, output], [1, ""]);
    assertOneLine(errors, folder);
  }));

Deno.test("a folder that cannot be made is said in a line", () =>
  withFolder(async (folder) => {
    Deno.writeTextFileSync(`${folder}/file`, "");
    const { code, output, errors } = await runToEnd(["--port", "0", "--data-dir", `${folder}/file/data`]);
    assertEquals([code, output], [1, ""]);
    assertOneLine(errors, `${folder}/file/data`);
  }));

Deno.test("a damaged quorum-state is said in a line", () =>
  withFolder(async (folder) => {
    {
      await using broker = await Running.start(["--port", "0", "--data-dir", folder]);
      await broker.stop("SIGINT");
    }
    Deno.writeTextFileSync(`${folder}/__cluster_metadata-0/quorum-state`, "garbage{\n");
    const { code, output, errors } = await runToEnd(["--port", "0", "--data-dir", folder]);
    assertEquals([code, output], [1, ""]);
    assertOneLine(errors, `${folder}/__cluster_metadata-0/quorum-state`);
  }));

Deno.test("a port that is in use is said in a line", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { code, output, errors } = await runToEnd(["--port", String(taken.addr.port), "--data-dir", "memory"]);
  assertEquals([code, output], [1, ""]);
  assertOneLine(errors, `127.0.0.1:${taken.addr.port}`);
});

Deno.test("explain reads what is piped in", async () => {
  const hex = "00000023001200046f7fc66100096b61666b612d636c69000a6b61666b612d636c6904302e3100\n";
  const { code, output, errors } = await runToEnd(["explain"], hex);
  assertEquals([code, errors], [0, ""]);
  assertStringIncludes(output, '"clientSoftwareName": "kafka-cli"');
});

Deno.test("settings that cannot be leave no stack trace", async () => {
  assertEquals(await runToEnd(["--set", "num.partitions=none"]), {
    code: 1,
    output: "",
    errors: "barnabas: --set: Invalid value none for configuration num.partitions: Not a number of type INT\n",
  });
});

interface Ended {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

function command(args: readonly string[], stdin: "piped" | "null"): Deno.Command {
  const main = new URL("main.ts", ROOT).pathname;
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "-A", ...IMPORT_MAP, main, ...args],
    stdin,
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  });
}

async function runToEnd(args: readonly string[], input = ""): Promise<Ended> {
  const process = command(args, "piped").spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stdout, stderr } = await process.output();
  return { code, output: new TextDecoder().decode(stdout), errors: new TextDecoder().decode(stderr) };
}

/** A broker that serves. */
class Running implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #output: ReadableStreamDefaultReader<string>;
  #hasEnded = false;

  private constructor(
    process: Deno.ChildProcess,
    output: ReadableStreamDefaultReader<string>,
    readonly banner: string[],
  ) {
    this.#process = process;
    this.#output = output;
  }

  /** Resolves when it has shown its banner. */
  static async start(args: readonly string[]): Promise<Running> {
    const process = command(args, "null").spawn();
    const output = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (text.split("\n").length < 4) {
      const { value, done } = await output.read();
      if (done) throw new Error(`The broker has ended: ${text}${await new Response(process.stderr).text()}`);
      text += value;
    }
    return new Running(process, output, text.trimEnd().split("\n"));
  }

  /** Asks it to stop, and resolves to what came of it since the banner. */
  async stop(signal: Deno.Signal): Promise<Ended> {
    this.#process.kill(signal);
    this.#hasEnded = true;
    let output = "";
    for (let part = await this.#output.read(); !part.done; part = await this.#output.read()) output += part.value;
    const errors = await new Response(this.#process.stderr).text();
    return { code: (await this.#process.status).code, output, errors };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#hasEnded) await this.stop("SIGTERM");
  }
}

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "barnabas-cli-" });
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function assertOneLine(errors: string, part: string): void {
  assert(errors.startsWith("barnabas: ") && errors.trimEnd().split("\n").length === 1, errors);
  assertStringIncludes(errors, part);
}
