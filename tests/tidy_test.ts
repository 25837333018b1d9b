/**
 * The rules of the house that a machine can check.
 */
import { assertEquals } from "@std/assert";

const ROOT = new URL("../", import.meta.url);

/** What only `lib/shell` and `main.ts` may name: the world that the core sees through its ports. */
const WORLD = [
  /\bDeno\./,
  /\bfrom "node:/,
  /\bimport\("node:/,
  /\bDate\.now\b/,
  /\bnew Date\(\)/,
  /\bperformance\.now\b/,
  /\bset(?:Timeout|Interval|Immediate)\(/,
  /\bMath\.random\b/,
  /\bcrypto\./,
  /\bconsole\./,
  /\bfetch\(/,
];

/** The most lines of one file, tests aside, before a seam is due. */
const MAX_FILE_LINES = 700;

const SCRIPTS = [
  "your_program.sh",
  ".ci/install",
  ".ci/run",
  "tests/interop/install.sh",
  "tests/interop/install_apache_kafka.sh",
  "docs/monitoring/demo.sh",
];

Deno.test("only the shell touches Deno, timers, the time of day and chance", async () => {
  const offences: string[] = [];
  for await (const path of typescriptFiles("lib/")) {
    if (path.startsWith("lib/shell/")) continue;
    for (const [index, line] of (await codeOf(path)).split("\n").entries()) {
      if (WORLD.some((pattern) => pattern.test(line))) offences.push(`${path}:${index + 1}: ${line.trim()}`);
    }
  }
  assertEquals(offences, []);
});

Deno.test("no file has grown past the size at which it should be split", async () => {
  const large: string[] = [];
  for await (const path of typescriptFiles("lib/")) {
    const lines = (await read(path)).split("\n").length;
    if (lines > MAX_FILE_LINES) large.push(`${path}: ${lines} lines`);
  }
  assertEquals(large, []);
});

Deno.test("every folder of lib opens with a mod.ts that says what it is for", async () => {
  const missing: string[] = [];
  for await (const entry of Deno.readDir(new URL("lib/", ROOT))) {
    if (!entry.isDirectory) continue;
    const header = await read(`lib/${entry.name}/mod.ts`).catch(() => "");
    if (!/^\/\*\*[\s\S]*?@module\s*\*\//.test(header)) missing.push(`lib/${entry.name}/mod.ts`);
  }
  assertEquals(missing, []);
});

Deno.test("nothing is left to be done later", async () => {
  const offences: string[] = [];
  for (const folder of ["lib/", "tests/", "bench/"]) {
    for await (const path of typescriptFiles(folder)) {
      if (path === "tests/tidy_test.ts") continue;
      for (const [index, line] of (await read(path)).split("\n").entries()) {
        if (/\b(?:TODO|FIXME|XXX|HACK)\b/.test(line)) offences.push(`${path}:${index + 1}`);
      }
    }
  }
  assertEquals(offences, []);
});

Deno.test("every script can be read by its shell", async () => {
  const complaints: string[] = [];
  for (const script of SCRIPTS) {
    const shell = (await read(script)).startsWith("#!/bin/sh") ? "sh" : "bash";
    const path = new URL(script, ROOT).pathname;
    const { success, stderr } = await new Deno.Command(shell, { args: ["-n", path] }).output();
    if (!success) complaints.push(new TextDecoder().decode(stderr));
  }
  assertEquals(complaints, []);
});

async function* typescriptFiles(folder: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(new URL(folder, ROOT))) {
    const path = `${folder}${entry.name}`;
    if (entry.isDirectory) yield* typescriptFiles(`${path}/`);
    else if (path.endsWith(".ts")) yield path;
  }
}

function read(path: string): Promise<string> {
  return Deno.readTextFile(new URL(path, ROOT));
}

/** A file's code, comments blanked out line by line. */
async function codeOf(path: string): Promise<string> {
  const blank = (comment: string) => comment.replace(/[^\n]/g, " ");
  return (await read(path)).replace(/\/\*[\s\S]*?\*\//g, blank).replace(/^\s*\/\/.*$/gm, blank);
}
