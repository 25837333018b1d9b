import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Broker } from "../../lib/mod.ts";
import {
  DescribeUserScramCredentialsRequest,
  DescribeUserScramCredentialsResponse,
} from "../../lib/protocol/messages/describe_user_scram_credentials.ts";
import { RawClient } from "../interop/support/raw_client.ts";
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

Deno.test("a cluster can begin with users, who come in at once", () =>
  withFolder(async (folder) => {
    const users = [
      "SCRAM-SHA-256=[name=alice,password=alice-secret]",
      "SCRAM-SHA-512=[name=bob,password=b,iterations=8192]",
    ];
    const args = ["format", "--data-dir", folder, ...users.flatMap((user) => ["--add-scram", user])];
    assertEquals((await run(args)).exitCode, 0);
    assertEquals((await run(args)).errors, [
      `barnabas: Cannot add credentials to ${folder}, which is formatted already: use kafka-configs --alter`,
    ]);
    await using broker = await Broker.start({ dataDir: folder, logger: { info() {}, warn() {} } });
    using client = await RawClient.connect({ hostname: "127.0.0.1", port: broker.address.port });
    const { results } = await client.ask(
      DescribeUserScramCredentialsRequest,
      DescribeUserScramCredentialsResponse,
      0,
      {},
    );
    assertEquals(results.map(({ user, credentialInfos }) => [user, credentialInfos]), [
      ["alice", [{ mechanism: 1, iterations: 4096 }]],
      ["bob", [{ mechanism: 2, iterations: 8192 }]],
    ]);
  }));

Deno.test("users that cannot be read are refused, and no password is repeated", async () => {
  const wrong: [string, string][] = [
    ["alice", "Cannot read --add-scram alice: expected SCRAM-SHA-256=[name=NAME,password=PASSWORD]"],
    ["SCRAM-SHA-256=name=a,password=secret", "Cannot read --add-scram SCRAM-SHA-256=name=a,password=…: expected"],
    ["PLAIN=[name=a,password=b]", "Cannot read --add-scram: there is no mechanism PLAIN, expected SCRAM-SHA-256 or"],
    ["SCRAM-SHA-256=[password=b]", "Cannot read --add-scram: name is missing"],
    ["SCRAM-SHA-256=[name=a]", "Cannot read --add-scram: password is missing, or saltedpassword with its salt"],
    ["SCRAM-SHA-256=[name=a,saltedpassword=YQ==]", "Cannot read --add-scram: saltedpassword needs the salt"],
    [
      "SCRAM-SHA-256=[name=a,password=b,iterations=1]",
      "Cannot read --add-scram: iterations is 1, expected 4096 to 16384",
    ],
    ["SCRAM-SHA-256=[name=a,password=b,salt=*]", "Cannot read --add-scram: salt is no base64"],
    ["SCRAM-SHA-256=[name=a,colour=b]", "Cannot read --add-scram: expected name, password, salt"],
  ];
  for (const [text, message] of wrong) {
    const { exitCode, errors } = await run(["format", "--data-dir", "/nowhere", "--add-scram", text]);
    assertEquals(exitCode, 1);
    assertStringIncludes(errors[0], message);
  }
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
