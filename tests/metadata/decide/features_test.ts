import { assertEquals } from "@std/assert";
import { updateFeatures, UpgradeType } from "../../../lib/metadata/decide/features.ts";
import { metadataRecord } from "../../../lib/metadata/record.ts";
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import { apply, decisionContext, imageOf } from "../support.ts";

const { UPGRADE, SAFE_DOWNGRADE, UNSAFE_DOWNGRADE } = UpgradeType;
const PREFIX = "The update failed for all features since the following feature had an error: ";

function update(feature: string, maxVersionLevel: number, upgradeType: number, image = imageOf(), kraftVersion = 1) {
  const request = { featureUpdates: [{ feature, maxVersionLevel, upgradeType }], validateOnly: false };
  const decision = updateFeatures(image, kraftVersion, request, decisionContext());
  apply(image, decision);
  return decision.result;
}

Deno.test("features go down and up again", () => {
  const image = imageOf();
  assertEquals(update("group.version", 0, SAFE_DOWNGRADE, image).errorCode, ErrorCode.NONE);
  assertEquals(image.features.has("group.version"), false);
  assertEquals(update("group.version", 1, UPGRADE, image).errorCode, ErrorCode.NONE);
  assertEquals(image.features.get("group.version"), 1);
  assertEquals(update("group.version", 1, SAFE_DOWNGRADE, image).errorCode, ErrorCode.NONE);
  assertEquals(update("kraft.version", 1, UPGRADE, image).errorCode, ErrorCode.NONE);
  assertEquals(image.features.has("kraft.version"), false);
});

Deno.test("levels that cannot be are refused in the words of Apache Kafka", () => {
  const cases: [string, number, number, string][] = [
    ["foo", 1, UPGRADE, "Invalid update version 1 for feature foo. Local controller 1 does not support this feature."],
    ["foo", 0, SAFE_DOWNGRADE, "Invalid update version 0 for feature foo. Feature foo not found."],
    [
      "group.version",
      2,
      UPGRADE,
      "Invalid update version 2 for feature group.version. Local controller 1 only supports versions 0-1",
    ],
    [
      "metadata.version",
      6,
      SAFE_DOWNGRADE,
      "Invalid update version 6 for feature metadata.version. Local controller 1 only supports versions 7-30",
    ],
    [
      "metadata.version",
      29,
      UPGRADE,
      "Invalid update version 29 for feature metadata.version. Can't downgrade the version of this feature without " +
      "setting the upgrade type to either safe or unsafe downgrade.",
    ],
    [
      "metadata.version",
      26,
      SAFE_DOWNGRADE,
      "Unsupported metadata.version downgrade from 30 to 26. Refusing to perform the requested downgrade because it " +
      "might delete metadata information.",
    ],
    [
      "metadata.version",
      26,
      UNSAFE_DOWNGRADE,
      "Unsupported metadata.version downgrade from 30 to 26. Unsafe metadata downgrade is not supported in this version.",
    ],
    [
      "kraft.version",
      0,
      SAFE_DOWNGRADE,
      "Invalid update version 0 for feature kraft.version. Can't downgrade the version of this feature.",
    ],
    [
      "group.version",
      -1,
      UPGRADE,
      "Invalid update version -1 for feature group.version. A feature version cannot be less than 0.",
    ],
    [
      "group.version",
      1,
      7,
      "Invalid update version 1 for feature group.version. The controller does not support the given upgrade type.",
    ],
  ];
  for (const [feature, level, upgradeType, message] of cases) {
    const result = update(feature, level, upgradeType);
    assertEquals([result.errorCode, result.errorMessage], [ErrorCode.INVALID_UPDATE_VERSION, PREFIX + message]);
  }
});

Deno.test("metadata.version goes down where nothing is lost, and up", () => {
  const image = imageOf(metadataRecord("FeatureLevelRecord", { name: "metadata.version", featureLevel: 21 }));
  assertEquals(update("metadata.version", 18, SAFE_DOWNGRADE, image).errorCode, ErrorCode.NONE);
  assertEquals(update("metadata.version", 16, SAFE_DOWNGRADE, image).errorCode, ErrorCode.INVALID_UPDATE_VERSION);
  assertEquals(update("metadata.version", 30, UPGRADE, image).errorCode, ErrorCode.NONE);
  assertEquals(image.metadataVersion, 30);
});

Deno.test("eligible leader replicas need a metadata.version that has them, and bring min.insync.replicas", () => {
  const image = imageOf(
    metadataRecord("FeatureLevelRecord", { name: "eligible.leader.replicas.version", featureLevel: 0 }),
    metadataRecord("FeatureLevelRecord", { name: "metadata.version", featureLevel: 22 }),
    metadataRecord("ConfigRecord", { resourceType: 4, resourceName: "", name: "min.insync.replicas", value: null }),
  );
  const refused = update("eligible.leader.replicas.version", 1, UPGRADE, image);
  assertEquals(refused.errorCode, ErrorCode.INVALID_UPDATE_VERSION);
  update("metadata.version", 23, UPGRADE, image);
  assertEquals(update("eligible.leader.replicas.version", 1, UPGRADE, image).errorCode, ErrorCode.NONE);
  assertEquals(image.configs(4, "").get("min.insync.replicas"), "1");
});

Deno.test("one bad level refuses all, and validating only changes nothing", () => {
  const image = imageOf();
  const good = { feature: "group.version", maxVersionLevel: 0, upgradeType: SAFE_DOWNGRADE };
  const bad = { feature: "foo", maxVersionLevel: 1, upgradeType: UPGRADE };
  const context = decisionContext();
  const both = updateFeatures(image, 1, { featureUpdates: [good, bad], validateOnly: false }, context);
  assertEquals([both.records.length, both.result.errorCode], [0, ErrorCode.INVALID_UPDATE_VERSION]);
  const validated = updateFeatures(image, 1, { featureUpdates: [good], validateOnly: true }, context);
  assertEquals([validated.records.length, validated.result.errorCode], [0, ErrorCode.NONE]);
});
