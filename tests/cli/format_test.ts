import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { run } from "./fake_program.ts";

const CLUSTER_ID = "4L6g3nShT-eMCtK--X86sw";

Deno.test("an empty folder is formatted, and says whose it is", () =>
  withFolder(async (folder) => {
    const args = ["format", "--data-dir", folder, "--cluster-id", CLUSTER_ID, "--node-id", "7"];
    const rest = `${folder}\ncluster.id ${CLUSTER_ID}\nnode.id 7\n`;
    assertEquals(await run(args), { exitCode: 0, output: `formatted ${rest}`, errors: [] });
    assertStringIncludes(Deno.readTextFileSync(`${folder}/meta.properties`), `cluster.id=${CLUSTER_ID}`);
    assertEquals(await run(args), { exitCode: 0, output: `already formatted ${rest}`, errors: [] });
  }));

Deno.test("the cluster's id comes from the environment, as in the official image, or is a random one", () =>
  withFolder(async (folder) => {
    const fixed = await run(["format", "--data-dir", `${folder}/a`], { environment: { CLUSTER_ID } });
    assertStringIncludes(fixed.output, `cluster.id ${CLUSTER_ID}\nnode.id 1\n`);
    const random = await run(["format", "--data-dir", `${folder}/b`]);
    assertMatch(random.output, /\ncluster\.id [\w-]{22}\nnode\.id 1\n$/);
  }));

Deno.test("a folder of another cluster is left as it is", () =>
  withFolder(async (folder) => {
    await run(["format", "--data-dir", folder, "--cluster-id", CLUSTER_ID]);
    const { exitCode, errors } = await run(["format", "--data-dir", folder, "--cluster-id", "AAAAAAAAAAAAAAAAAAAAAg"]);
    assertEquals([exitCode, errors.length], [1, 1]);
    assertStringIncludes(errors[0], CLUSTER_ID);
  }));

Deno.test("what is no UUID cannot be the id of a cluster", async () => {
  const { exitCode, errors } = await run(["format", "--cluster-id", "mine"]);
  assertEquals([exitCode, errors], [
    1,
    ["barnabas: Cannot use mine as the id of a cluster: expected 22 characters of URL-safe base64"],
  ]);
});

Deno.test("memory cannot be formatted", async () => {
  assertEquals(await run(["format", "--data-dir", "memory"]), {
    exitCode: 1,
    output: "",
    errors: ["barnabas: Cannot format memory: name a folder with --data-dir"],
  });
});

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "barnabas-format-" });
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
