/**
 * Makes `lib/bytes/crc32c_module.ts` of `wasm/crc32c.ts`: `deno task wasm`, to be run when the source has changed. A test tells when it was
 * forgotten.
 *
 * @module
 */
import asc from "assemblyscript/asc";

const SOURCE = new URL("crc32c.ts", import.meta.url);
const MODULE = new URL("../lib/bytes/crc32c_module.ts", import.meta.url);

/** A page of memory, in bytes. Two are the module's own; what AssemblyScript itself would keep in memory would come behind. */
const PAGE_BYTES = 65536;
const PAGES = 2;

const OPTIONS = [
  "-O3",
  "--noAssert",
  ...["--runtime", "stub"],
  ...["--enable", "simd,relaxed-simd"],
  ...["--memoryBase", String(PAGES * PAGE_BYTES - 1024)],
  ...["--initialMemory", String(PAGES)],
  ...["--maximumMemory", String(PAGES)],
];

/** The text of the module that embeds the compiled source. */
export async function compile(): Promise<string> {
  const source = await Deno.readTextFile(SOURCE);
  let binary: Uint8Array | null = null;
  const { error, stderr } = await asc.main(["crc32c.ts", "--outFile", "crc32c.wasm", ...OPTIONS], {
    readFile: (name: string) => name === "crc32c.ts" ? source : null,
    writeFile: (_: string, contents: string | Uint8Array) => {
      binary = contents as Uint8Array;
    },
  });
  if (error !== null || binary === null) throw new Error(`wasm/crc32c.ts cannot be compiled: ${error} ${stderr}`);
  return moduleOf(binary);
}

function moduleOf(binary: Uint8Array): string {
  return [
    "// Made by `deno task wasm` of wasm/crc32c.ts; do not edit.",
    "// deno-fmt-ignore-file",
    "",
    "/** The WebAssembly module that computes CRC32C, in base64. */",
    "export const CRC32C_MODULE =",
    `  "${(binary as Uint8Array & { toBase64(): string }).toBase64()}";`,
    "",
  ].join("\n");
}

if (import.meta.main) await Deno.writeTextFile(MODULE, await compile());
