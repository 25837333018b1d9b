/**
 * Folders with delegation tokens go to and fro between Apache Kafka and Barnabas, in the log and in snapshots: the tokens of one
 * are good at the other, since both make their secrets of the same key.
 */
import { assertEquals } from "@std/assert";
import { Metadata, metadataRecord } from "../../lib/metadata/mod.ts";
import { toBase64 } from "../../lib/security/sasl/text.ts";
import { systemClock, systemRandom, systemTimers } from "../../lib/shell/clock.ts";
import { DenoDisk } from "../../lib/shell/disk.ts";
import { errorOf } from "../api/handlers/support.ts";
import { metadataOptions } from "../metadata/support.ts";
import { apacheKafkaIsMissing } from "./support/apache_kafka.ts";
import { type RunningSecuredBroker, startSecuredApacheKafka, startSecuredBarnabas } from "./support/authorized.ts";
import { RawClient } from "./support/raw_client.ts";
import {
  createToken,
  describeTokens,
  expireToken,
  loginByPassword,
  loginByToken,
  renewToken,
  type Token,
} from "./support/tokens.ts";

const missing = apacheKafkaIsMissing();
const SETTINGS = { "delegation.token.secret.key": "the same for both" };
const HOUR_MS = 3_600_000n;

Deno.test({
  name: `tokens go with their folder from Apache Kafka to here and back${
    missing === null ? "" : ` (not tested: ${missing})`
  }`,
  ignore: missing !== null,
  async fn() {
    const folder = Deno.makeTempDirSync();
    try {
      const theirs = await on(await startSecuredApacheKafka(folder, SETTINGS), async (client) => {
        await createToken(client, { renewers: [principal("u1"), principal("u 2")], maxLifetimeMs: HOUR_MS });
        const ended = await createToken(client);
        await until(client, 2);
        assertEquals(errorOf(await expireToken(client, ended.hmac)), "NONE");
        return await until(client, 1);
      });

      const ours = await on(await startSecuredBarnabas(`${folder}/data`, SETTINGS), async (client, broker) => {
        assertEquals(await until(client, 1), theirs);
        assertEquals(await login(broker, theirs[0]), "NONE");
        assertEquals(errorOf(await renewToken(client, theirs[0].hmac, HOUR_MS / 2n)), "NONE");
        await createToken(client, { ownerPrincipalType: "User", ownerPrincipalName: "u9", maxLifetimeMs: HOUR_MS });
        return await until(client, 2);
      });

      await fillSnapshots(folder);
      const inTheEnd = await on(await startSecuredApacheKafka(folder, SETTINGS), async (client, broker) => {
        assertEquals(await until(client, 2), ours);
        for (const token of ours) assertEquals(await login(broker, token), "NONE");
        assertEquals(errorOf(await expireToken(client, theirs[0].hmac, HOUR_MS / 3n)), "NONE");
        await createToken(client);
        return await until(client, 3);
      });

      await on(await startSecuredBarnabas(`${folder}/data`, SETTINGS), async (client, broker) => {
        assertEquals(await until(client, 3), inTheEnd);
        for (const token of inTheEnd) assertEquals(await login(broker, token), "NONE");
      });
      const another = { "delegation.token.secret.key": "another one" };
      await on(await startSecuredBarnabas(`${folder}/data`, another), async (client, broker) => {
        assertEquals((await until(client, 3)).length, 3);
        assertEquals((await login(broker, inTheEnd[0])).split(":")[0], "SASL_AUTHENTICATION_FAILED");
      });
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

function principal(principalName: string) {
  return { principalType: "User", principalName };
}

/** Lets `use` be the admin of a broker, and then stops the broker. */
async function on<T>(
  broker: RunningSecuredBroker,
  use: (admin: RawClient, broker: RunningSecuredBroker) => Promise<T>,
): Promise<T> {
  await using running = broker;
  using client = await RawClient.connect(running.sasl);
  assertEquals(errorOf(await loginByPassword(client, "admin")), "NONE");
  return await use(client, running);
}

/** All tokens, when there are so many: Apache Kafka's broker hears of a change some time after it was answered. */
async function until(client: RawClient, count: number) {
  for (;;) {
    const { tokens } = await describeTokens(client);
    if (tokens.length === count) return tokens.toSorted((a, b) => toBase64(a.hmac) < toBase64(b.hmac) ? -1 : 1);
  }
}

async function login({ sasl }: RunningSecuredBroker, token: Token): Promise<string> {
  using client = await RawClient.connect(sasl);
  return errorOf(await loginByToken(client, token));
}

/** Has the metadata log be so long that a snapshot takes the place of what all these tokens have been told in. */
async function fillSnapshots(folder: string): Promise<void> {
  const metadata = await Metadata.open(metadataOptions(new DenoDisk(), {
    clock: systemClock,
    timers: systemTimers,
    random: systemRandom,
    dataDirs: [`${folder}/data`],
    logSettings: { maxBytesBetweenSnapshots: 1000, retentionBytes: 1500, segmentBytes: 1000 },
  }));
  for (let index = 0; index < 40; index++) {
    const tokenId = `token-${index}`;
    const times = { issueTimestamp: 1n, maxTimestamp: 2n, expirationTimestamp: 2n };
    await metadata.commit([
      metadataRecord("DelegationTokenRecord", {
        tokenId,
        owner: "User:u",
        requester: "User:u",
        renewers: [],
        ...times,
      }),
    ]);
    await metadata.commit([metadataRecord("RemoveDelegationTokenRecord", { tokenId })]);
  }
  await metadata.close();
  const names = [...Deno.readDirSync(`${folder}/data/__cluster_metadata-0`)].map(({ name }) => name);
  assertEquals(names.includes("00000000000000000000.log"), false);
}
