/**
 * Real clients connect with TLS, with certificates of their own, and by each mechanism of SASL, and are served; with wrong
 * credentials none of them is. `tests/interop/install.sh` brings the clients.
 */
import { assertEquals } from "@std/assert";
import { certs, LOCAL_HOSTS } from "../../lib/cli/certs.ts";
import { scramRecord } from "../../lib/cli/scram_argument.ts";
import { utf8 } from "../../lib/bytes/mod.ts";
import { BrokerCore } from "../../lib/broker/mod.ts";
import { loadSettings } from "../../lib/metadata/configs/mod.ts";
import { systemWorld } from "../../lib/mod.ts";
import { toBase64 } from "../../lib/security/sasl/text.ts";
import { thisProcess } from "../../lib/shell/process.ts";
import { type ClientSecurity, SECURE_CLIENTS } from "./support/secure_clients.ts";

const PLAIN = 'org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="alice-secret";';
const LISTENERS = ["SSL", "MUTUAL", "SASL_PLAINTEXT", "SASL_SSL"] as const;

/** A broker with a listener of each kind, users, and certificates. */
class SecureBroker implements AsyncDisposable {
  readonly #core: BrokerCore;
  readonly #folder: string;

  private constructor(core: BrokerCore, folder: string) {
    this.#core = core;
    this.#folder = folder;
  }

  static async start(): Promise<SecureBroker> {
    const folder = Deno.makeTempDirSync({ prefix: "barnabas-secure-" });
    const silent = { ...thisProcess(), write() {} };
    await certs(silent, { folder, hosts: LOCAL_HOSTS, clients: ["alice"], validDays: 1 });
    await certs(silent, { folder: `${folder}/others`, hosts: LOCAL_HOSTS, clients: ["mallory"], validDays: 1 });
    const { settings } = loadSettings({
      flags: {
        dataDir: "memory",
        set: {
          "listeners": LISTENERS.map((name) => `${name}://localhost:0`).join(","),
          "listener.security.protocol.map": "SSL:SSL,MUTUAL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL",
          "ssl.keystore.type": "PEM",
          "ssl.keystore.location": `${folder}/server.pem`,
          "ssl.truststore.type": "PEM",
          "ssl.truststore.location": `${folder}/ca.pem`,
          "listener.name.mutual.ssl.client.auth": "required",
          "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
          "listener.name.sasl_plaintext.plain.sasl.jaas.config": PLAIN,
          "listener.name.sasl_ssl.plain.sasl.jaas.config": PLAIN,
        },
      },
    });
    const core = await BrokerCore.start(settings, systemWorld(settings, { info() {}, warn() {} }));
    const users = ["SCRAM-SHA-256", "SCRAM-SHA-512"].map((name) => `${name}=[name=alice,password=alice-secret]`);
    await core.services.metadata.commit(users.map(scramRecord));
    return new SecureBroker(core, folder);
  }

  bootstrap(listener: typeof LISTENERS[number]): string {
    return `localhost:${this.#core.addresses[LISTENERS.indexOf(listener)].port}`;
  }

  file(name: string): string {
    return `${this.#folder}/${name}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#core.close();
    Deno.removeSync(this.#folder, { recursive: true });
  }
}

/** A token that nobody has signed, good for a minute; a bad one does not say for whom. */
function token(isGood: boolean): string {
  const part = (value: unknown) =>
    toBase64(utf8(JSON.stringify(value))).replace(/=+$/, "").replace(/\+/g, "-").replace(/\//g, "_");
  const seconds = Math.floor(Date.now() / 1000);
  const claims = { ...(isGood ? { sub: "alice" } : {}), iat: seconds, exp: seconds + 60 };
  return `${part({ alg: "none" })}.${part(claims)}.`;
}

interface Way {
  readonly name: string;
  readonly listener: typeof LISTENERS[number];
  /** With the right credentials, and with wrong ones. */
  readonly security: (broker: SecureBroker, isRight: boolean) => ClientSecurity;
}

const WAYS: readonly Way[] = [
  {
    name: "TLS",
    listener: "SSL",
    security: (broker, isRight) => ({ protocol: "SSL", ca: broker.file(isRight ? "ca.pem" : "others/ca.pem") }),
  },
  {
    name: "TLS with a certificate",
    listener: "MUTUAL",
    security: (broker, isRight) => ({
      protocol: "SSL",
      ca: broker.file("ca.pem"),
      certificate: broker.file(isRight ? "alice.pem" : "others/mallory.pem"),
    }),
  },
  {
    name: "PLAIN over TLS",
    listener: "SASL_SSL",
    security: (broker, isRight) => ({
      protocol: "SASL_SSL",
      mechanism: "PLAIN",
      ca: broker.file("ca.pem"),
      ...password(isRight),
    }),
  },
  ...(["SCRAM-SHA-256", "SCRAM-SHA-512"] as const).map((mechanism): Way => ({
    name: mechanism,
    listener: "SASL_PLAINTEXT",
    security: (_, isRight) => ({ protocol: "SASL_PLAINTEXT", mechanism, ...password(isRight) }),
  })),
  {
    name: "OAUTHBEARER",
    listener: "SASL_PLAINTEXT",
    security: (_, isRight) => ({
      protocol: "SASL_PLAINTEXT",
      mechanism: "OAUTHBEARER",
      username: "alice",
      password: isRight ? "good" : "bad",
      token: token(isRight),
    }),
  },
];

function password(isRight: boolean): { username: string; password: string } {
  return { username: "alice", password: isRight ? "alice-secret" : "guess" };
}

for (const client of SECURE_CLIENTS) {
  const name = `${client.name} shows who it is in every way, and is not let in with wrong credentials`;
  Deno.test({
    name: client.missing === null ? name : `${name} (ignored: ${client.missing})`,
    ignore: client.missing !== null,
    async fn(test) {
      await using broker = await SecureBroker.start();
      for (const way of WAYS) {
        const topic = `by-${way.name.toLowerCase().replace(/\W+/g, "-")}`;
        await test.step(way.name, async () => {
          const bootstrap = broker.bootstrap(way.listener);
          assertEquals(await client.roundTrip(bootstrap, topic, way.security(broker, true)), "hello");
          assertEquals(await client.roundTrip(bootstrap, topic, way.security(broker, false)), null);
        });
      }
    },
  });
}
