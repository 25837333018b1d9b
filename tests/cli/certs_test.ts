/** `barnabas certs`: what it makes, and that a broker and clients agree on it. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { connect as tlsConnect } from "node:tls";
import { once } from "node:events";
import { certs, LOCAL_HOSTS } from "../../lib/cli/certs.ts";
import { loadSettings } from "../../lib/metadata/configs/mod.ts";
import { BrokerCore } from "../../lib/broker/mod.ts";
import { systemWorld } from "../../lib/mod.ts";
import { thisProcess } from "../../lib/shell/process.ts";

class Folder implements Disposable {
  readonly path = Deno.makeTempDirSync();
  output = "";

  make(clients: readonly string[], hosts = LOCAL_HOSTS): Promise<number> {
    const program = { ...thisProcess(), write: (text: string) => void (this.output = text) };
    return certs(program, { folder: this.path, hosts, clients, validDays: 1 });
  }

  read(name: string): string {
    return Deno.readTextFileSync(`${this.path}/${name}`);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

Deno.test("one step makes all that a broker and its clients need, and nobody else can read the keys", async () => {
  using folder = new Folder();
  assertEquals(await folder.make(["alice"]), 0);
  const names = [...Deno.readDirSync(folder.path)].map(({ name }) => name).sort();
  assertEquals(names, [
    "alice.librdkafka.conf",
    "alice.pem",
    "alice.properties",
    "ca.key",
    "ca.pem",
    "server.pem",
    "server.properties",
  ]);
  for (const name of names) assertEquals(Deno.statSync(`${folder.path}/${name}`).mode! & 0o077, 0, name);
  assertStringIncludes(folder.output, "Made ca.key, ca.pem, server.pem");

  const file = { path: "server.properties", text: folder.read("server.properties") };
  const { settings, warnings } = loadSettings({ file, flags: { port: 0, dataDir: "memory" } });
  assertEquals(warnings, []);
  const broker = await BrokerCore.start(settings, systemWorld(settings));
  try {
    const pem = folder.read("alice.pem");
    const client = tlsConnect({
      host: "localhost",
      port: broker.addresses[0].port,
      ca: folder.read("ca.pem"),
      key: pem,
      cert: pem,
    });
    await once(client, "secureConnect");
    assertEquals(client.authorized, true);
    client.destroy();
  } finally {
    await broker.close();
  }
});

Deno.test("another client is signed by the same authority, and what is there stays", async () => {
  using folder = new Folder();
  await folder.make(["alice"]);
  const before = ["ca.pem", "server.pem", "alice.pem"].map((name) => folder.read(name));
  await folder.make(["alice", "bob"]);
  assertEquals(["ca.pem", "server.pem", "alice.pem"].map((name) => folder.read(name)), before);
  assertStringIncludes(folder.output, "Made bob.pem, bob.properties, bob.librdkafka.conf");
});

Deno.test("names that are no file names, and half an authority, are refused", async () => {
  using folder = new Folder();
  for (const name of ["../x", "a b", "", "ca", "server"]) {
    await assertRejects(() => folder.make([name]), Error, "Cannot make a certificate");
  }
  await folder.make(["alice"]);
  Deno.removeSync(`${folder.path}/ca.key`);
  await assertRejects(() => folder.make(["bob"]), Error, "it has only one of ca.pem and ca.key");
});
