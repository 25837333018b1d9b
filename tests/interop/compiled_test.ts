/**
 * The compiled executable, alone: without an environment, and so without a Deno or a Node that it could find; and what it is not
 * permitted to do.
 *
 * `deno compile` needs a runtime of its own version. Where it cannot be downloaded, `DENORT_BIN` names one, and `DENO` the Deno
 * of that version.
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import * as jose from "jose";
import { utf8 } from "../../lib/bytes/mod.ts";
import { ErrorCode } from "../../lib/protocol/error_code.ts";
import { SaslAuthenticateRequest, SaslAuthenticateResponse } from "../../lib/protocol/messages/sasl_authenticate.ts";
import { SaslHandshakeRequest, SaslHandshakeResponse } from "../../lib/protocol/messages/sasl_handshake.ts";
import { freePorts } from "./support/apache_kafka.ts";
import { runBarnabas, startBarnabas } from "./support/barnabas.ts";
import { kcat, run } from "./support/clients.ts";
import { RawClient } from "./support/raw_client.ts";
import { type ClientSecurity, recordOf, SECURE_CLIENTS } from "./support/secure_clients.ts";
import { text } from "./support/text.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const EXECUTABLE = `${ROOT}dist/barnabas`;
const LINES = 10_000;
/** Older ones have no server that could ask for certificates; which version was the first to, nobody has tried. */
const FIRST_WITH_TLS = 2009;

const compiled = await compile();
const missing = compiled.runtimeMissing ? "the runtime for deno compile cannot be had" : kcat.missing;

Deno.test({
  name: `the compiled executable serves kcat in an empty environment${
    missing === null ? "" : ` (ignored: ${missing})`
  }`,
  ignore: missing !== null,
  async fn() {
    assertEquals(compiled.failure, null);
    const folder = Deno.makeTempDirSync({ prefix: "barnabas-compiled-" });
    try {
      const content = text({ lines: LINES, seed: 1, emptyLines: false });
      Deno.writeFileSync(`${folder}/text.txt`, content);
      await using broker = await startBarnabas({ folder: `${folder}/data`, executable: EXECUTABLE });
      await run(kcat, "produce", broker.bootstrap, "letters", "lz4", `${folder}/text.txt`);
      assertEquals(await run(kcat, "consume", broker.bootstrap, "letters"), content);
      assertEquals(await broker.stop(), 0, "exit code after SIGTERM");
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

for (
  const { name, executable, deno, ignored } of [
    { name: "the compiled executable", executable: EXECUTABLE, deno: denoOfScript(), ignored: missing },
    { name: "the script", executable: undefined, deno: Deno.execPath(), ignored: kcat.missing },
  ]
) {
  const withTls = versionOf(deno) >= FIRST_WITH_TLS;
  const served = `passwords, tokens${withTls ? ", TLS" : ""} and metrics`;
  Deno.test({
    name: `${name} formats, makes certificates, and serves ${served}, with what it is permitted${
      ignored === null ? "" : ` (ignored: ${ignored})`
    }`,
    ignore: ignored !== null,
    async fn() {
      const folder = Deno.makeTempDirSync({ prefix: "barnabas-compiled-" });
      await using issuer = await Issuer.start();
      try {
        const verb = (...args: string[]) => executable === undefined ? runBarnabas(...args) : runExecutable(args);
        await verb("certs", `${folder}/certs`, "--client", "alice");
        await verb(
          "format",
          "--data-dir",
          `${folder}/data`,
          "--add-scram",
          "SCRAM-SHA-512=[name=alice,password=secret]",
        );
        const port = freePorts(5);
        const settings = { ...(withTls ? tlsSettings(folder) : {}), ...saslSettings(issuer) };
        await using broker = await startBarnabas({
          folder: `${folder}/data`,
          executable,
          port,
          settings: {
            ...settings,
            "listeners": listeners(port, withTls),
            "barnabas.metrics.listener": `127.0.0.1:${port + 4}`,
          },
        });
        assertEquals(await roundTrip(port, { protocol: "SASL_PLAINTEXT", ...ALICE }), "hello");
        assertEquals(await authenticate(port + 1, await issuer.token("alice")), ErrorCode.NONE);
        if (withTls) {
          const ca = `${folder}/certs/ca.pem`;
          assertEquals(
            await roundTrip(port + 2, { protocol: "SSL", ca, certificate: `${folder}/certs/alice.pem` }),
            "hello",
          );
          assertEquals(await roundTrip(port + 2, { protocol: "SSL", ca }), null);
          assertEquals(await roundTrip(port + 3, { protocol: "SASL_SSL", ca, ...ALICE }), "hello");
        }
        const watched = await (await fetch(`http://127.0.0.1:${port + 4}/metrics`)).text();
        assertStringIncludes(watched, `barnabas_log_directory_free_bytes{log_directory="${folder}/data"}`);
        assertEquals(await broker.stop(), 0, "exit code after SIGTERM");
      } finally {
        Deno.removeSync(folder, { recursive: true });
      }
    },
  });
}

const ALICE = { mechanism: "SCRAM-SHA-512", username: "alice", password: "secret" } as const;

function listeners(port: number, withTls: boolean): string {
  const plain = `PASSWORDS://127.0.0.1:${port},TOKENS://127.0.0.1:${port + 1}`;
  return withTls ? `${plain},MUTUAL://127.0.0.1:${port + 2},ENCRYPTED://127.0.0.1:${port + 3}` : plain;
}

function saslSettings(issuer: Issuer): Record<string, string> {
  return {
    "listener.security.protocol.map": "PASSWORDS:SASL_PLAINTEXT,TOKENS:SASL_PLAINTEXT,MUTUAL:SSL,ENCRYPTED:SASL_SSL",
    "sasl.enabled.mechanisms": "SCRAM-SHA-512",
    "listener.name.tokens.sasl.enabled.mechanisms": "OAUTHBEARER",
    "sasl.oauthbearer.jwks.endpoint.url": issuer.keysUrl,
  };
}

function tlsSettings(folder: string): Record<string, string> {
  return {
    "ssl.keystore.type": "PEM",
    "ssl.keystore.location": `${folder}/certs/server.pem`,
    "ssl.truststore.type": "PEM",
    "ssl.truststore.location": `${folder}/certs/ca.pem`,
    "listener.name.mutual.ssl.client.auth": "required",
  };
}

async function roundTrip(port: number, security: ClientSecurity): Promise<string | null> {
  return recordOf(await SECURE_CLIENTS[0].roundTrip(`127.0.0.1:${port}`, "letters", security));
}

/** Major and minor, as one number. */
function versionOf(deno: string): number {
  const { stdout } = new Deno.Command(deno, { args: ["--version"] }).outputSync();
  const [, major, minor] = /deno (\d+)\.(\d+)/.exec(new TextDecoder().decode(stdout))!;
  return Number(major) * 1000 + Number(minor);
}

Deno.test({
  name: `what the executable is compiled with refuses programs, libraries, and code from text or from elsewhere${
    compiled.runtimeMissing ? ` (ignored: ${missing})` : ""
  }`,
  ignore: compiled.runtimeMissing,
  async fn() {
    const folder = Deno.makeTempDirSync({ prefix: "barnabas-compiled-" });
    await using elsewhere = codeServer();
    try {
      Deno.writeTextFileSync(`${folder}/probe.js`, PROBE);
      const permissions = await grantedByScript();
      const args = ["compile", "--quiet", ...permissions, "--output", `${folder}/probe`, `${folder}/probe.js`];
      const made = await new Deno.Command(denoOfScript(), { args }).output();
      assert(made.success, new TextDecoder().decode(made.stderr));
      const { stdout } = await new Deno.Command(`${folder}/probe`, { args: [elsewhere.url], clearEnv: true }).output();
      const results: Record<string, string> = JSON.parse(new TextDecoder().decode(stdout));
      assertMatch(results.run, /^NotCapable: Requires run access/);
      assertMatch(results.library, /^NotCapable: Requires ffi access/);
      assertMatch(results.eval, /^EvalError/);
      assertMatch(results.functionOfText, /^EvalError/);
      assertMatch(results.import, /^TypeError: Module not found/);
      assertMatch(results.host, /^NotCapable: Requires sys access/);
      assertMatch(results.environmentGivenUp, /^NotCapable: Requires env access/);
      assertMatch(results.networkGivenUp, /^NotCapable: Requires net access/);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

/** Tries what must not be possible, and prints what came of it: "done", or the error. */
const PROBE = `
const results = {};
async function attempt(name, action) {
  try {
    await action();
    results[name] = "done";
  } catch (error) {
    results[name] = String(error);
  }
}
await attempt("run", () => new Deno.Command("/bin/true").output());
await attempt("library", () => Deno.dlopen("libc.so.6", {}));
await attempt("eval", () => eval("1"));
await attempt("functionOfText", () => new Function("return 1")());
await attempt("import", () => import(Deno.args[0]));
await attempt("host", () => Deno.hostname());
Deno.permissions.revokeSync({ name: "env" });
await attempt("environmentGivenUp", () => Deno.env.get("HOME"));
Deno.permissions.revokeSync({ name: "net" });
await attempt("networkGivenUp", () => fetch(Deno.args[0]));
console.log(JSON.stringify(results));
`;

/** The flags of \`compile\` in the script, by its own shell. */
async function grantedByScript(): Promise<string[]> {
  const script = Deno.readTextFileSync(`${ROOT}your_program.sh`);
  const assignments = script.split("\n").filter((line) => line.startsWith("permissions=")).join("\n");
  const { stdout } = await new Deno.Command("sh", { args: ["-c", `${assignments}\necho $permissions`] }).output();
  // Nothing is granted beside them.
  assertMatch(script, /exec "\$deno" compile (?!.*--allow)(?!.*-A ).*\$permissions --output dist\/barnabas /);
  return new TextDecoder().decode(stdout).trim().split(" ");
}

function denoOfScript(): string {
  return Deno.env.get("DENO") ?? Deno.execPath();
}

/** Serves a module that nobody should run. */
function codeServer(): { url: string } & AsyncDisposable {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("export const ran = true;", { headers: { "content-type": "text/javascript" } }),
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}/module.js`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** Issues tokens, and serves the key that they are checked with. */
class Issuer implements AsyncDisposable {
  readonly #privateKey: CryptoKey;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  private constructor(privateKey: CryptoKey, keys: jose.JSONWebKeySet) {
    this.#privateKey = privateKey;
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => Response.json(keys));
  }

  static async start(): Promise<Issuer> {
    const { publicKey, privateKey } = await jose.generateKeyPair("ES256", { extractable: true });
    return new Issuer(privateKey, { keys: [{ ...await jose.exportJWK(publicKey), kid: "1", alg: "ES256" }] });
  }

  get keysUrl(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/keys`;
  }

  token(subject: string): Promise<string> {
    const claims = new jose.SignJWT({ sub: subject }).setIssuedAt().setExpirationTime("1m");
    return claims.setProtectedHeader({ alg: "ES256", kid: "1" }).sign(this.#privateKey);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server.shutdown();
  }
}

/** The error code of showing a token. */
async function authenticate(port: number, token: string): Promise<number> {
  using client = await RawClient.connect({ hostname: "127.0.0.1", port });
  await client.ask(SaslHandshakeRequest, SaslHandshakeResponse, 1, { mechanism: "OAUTHBEARER" });
  const authBytes = utf8(`n,,\x01auth=Bearer ${token}\x01\x01`);
  const { errorCode } = await client.ask(SaslAuthenticateRequest, SaslAuthenticateResponse, 2, { authBytes });
  return errorCode;
}

async function runExecutable(args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(EXECUTABLE, { args: [...args], clearEnv: true }).output();
  assert(success, `${args[0]}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

async function compile(): Promise<{ runtimeMissing: boolean; failure: string | null }> {
  const { success, stderr } = await new Deno.Command(`${ROOT}your_program.sh`, {
    args: ["compile"],
    env: { DENO: denoOfScript(), NO_COLOR: "1" },
  }).output();
  if (success) return { runtimeMissing: false, failure: null };
  const failure = new TextDecoder().decode(stderr);
  return { runtimeMissing: failure.includes("Setting up base binary"), failure };
}
