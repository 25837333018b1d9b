import { assertEquals } from "@std/assert";
import { ApiVersionsRequest, ApiVersionsResponse } from "../../../lib/protocol/messages/api_versions.ts";
import { UpdateFeaturesRequest, UpdateFeaturesResponse } from "../../../lib/protocol/messages/update_features.ts";
import type { Init } from "../../../lib/protocol/schema.ts";
import { errorOf, TestBroker } from "./support.ts";

const UPGRADE = 1, SAFE_DOWNGRADE = 2;
const FAILED = "INVALID_UPDATE_VERSION: The update failed for all features since the following feature had an error: ";

function update(broker: TestBroker, version: number, request: Init<UpdateFeaturesRequest>) {
  return broker.ask(UpdateFeaturesRequest, UpdateFeaturesResponse, version, request);
}

async function levelOf(broker: TestBroker, feature: string): Promise<number | undefined> {
  const request = { clientSoftwareName: "test", clientSoftwareVersion: "1" };
  const { finalizedFeatures } = await broker.ask(ApiVersionsRequest, ApiVersionsResponse, 4, request);
  return finalizedFeatures.find(({ name }) => name === feature)?.maxVersionLevel;
}

Deno.test("levels go down where that is said, and up again, and every client sees it at once", async () => {
  await using broker = await TestBroker.start();
  const feature = "transaction.version";
  assertEquals(await levelOf(broker, feature), 2);
  const down = [{ feature, maxVersionLevel: 1, upgradeType: SAFE_DOWNGRADE }];
  assertEquals(errorOf(await update(broker, 2, { featureUpdates: down })), "NONE");
  assertEquals(await levelOf(broker, feature), 1);
  const up = [{ feature, maxVersionLevel: 2, upgradeType: UPGRADE }];
  const answer = await update(broker, 1, { featureUpdates: up });
  assertEquals(errorOf(answer), "NONE");
  assertEquals(answer.results.map((result) => [result.feature, errorOf(result)]), [[feature, "NONE"]]);
  assertEquals(await levelOf(broker, feature), 2);
});

Deno.test("version 0 says whether a level may go down", async () => {
  await using broker = await TestBroker.start();
  const feature = "group.version";
  const refused = await update(broker, 0, { featureUpdates: [{ feature, maxVersionLevel: 0, allowDowngrade: false }] });
  assertEquals([errorOf(refused), refused.results], [
    FAILED +
    "Invalid update version 0 for feature group.version. Can't downgrade the version of this feature without " +
    "setting the upgrade type to either safe or unsafe downgrade.",
    [],
  ]);
  const done = await update(broker, 0, { featureUpdates: [{ feature, maxVersionLevel: 0, allowDowngrade: true }] });
  assertEquals(errorOf(done), "NONE");
  assertEquals(await levelOf(broker, feature), undefined);
});

Deno.test("all features change or none", async () => {
  await using broker = await TestBroker.start();
  const featureUpdates = [
    { feature: "transaction.version", maxVersionLevel: 1, upgradeType: SAFE_DOWNGRADE },
    { feature: "nope", maxVersionLevel: 1, upgradeType: UPGRADE },
  ];
  assertEquals(
    errorOf(await update(broker, 2, { featureUpdates })),
    FAILED + "Invalid update version 1 for feature nope. Local controller 1 does not support this feature.",
  );
  assertEquals(await levelOf(broker, "transaction.version"), 2);
});

Deno.test("a dry run changes nothing", async () => {
  await using broker = await TestBroker.start();
  const featureUpdates = [{ feature: "transaction.version", maxVersionLevel: 1, upgradeType: SAFE_DOWNGRADE }];
  assertEquals(errorOf(await update(broker, 2, { featureUpdates, validateOnly: true })), "NONE");
  assertEquals(await levelOf(broker, "transaction.version"), 2);
});
