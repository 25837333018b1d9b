import { assertEquals } from "@std/assert";
import { plainArguments } from "../../lib/cli/plain_arguments.ts";

Deno.test("no argument is the plainest broker", () => {
  assertEquals(plainArguments([]), {});
});

Deno.test("the flags of a broker and a file of settings are read in any order", () => {
  const args = [
    "--port",
    "0",
    "-d",
    "/data",
    "server.properties",
    "--host",
    "::1",
    "--node-id",
    "7",
    "--set",
    "a.b=c=d",
    "-s",
    "e=",
  ];
  assertEquals(plainArguments(args), {
    port: 0,
    dataDir: "/data",
    file: "server.properties",
    host: "::1",
    nodeId: 7,
    set: { "a.b": "c=d", "e": "" },
  });
});

Deno.test("the last of two flags wins, as in the grammar", () => {
  assertEquals(plainArguments(["-p", "1", "--port", "2"]), { port: 2 });
});

Deno.test("verbs, help, and all that is unusual or wrong is left to the grammar", () => {
  const others = [
    ["version"],
    ["explain", "00"],
    ["help"],
    ["format", "--data-dir", "x"],
    ["--help"],
    ["--port=1"],
    ["--port"],
    ["--port", "65536"],
    ["--port", "-1"],
    ["--node-id", "one"],
    ["--set", "a"],
    ["--set", "=b"],
    ["a.properties", "b.properties"],
    ["--prot", "1"],
    ["--", "x"],
    [""],
  ];
  for (const args of others) assertEquals(plainArguments(args), null, args.join(" "));
});
