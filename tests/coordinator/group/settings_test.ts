import { assertEquals, assertThrows } from "@std/assert";
import { groupSettings } from "../../../lib/coordinator/group/settings.ts";
import { BrokerSettings } from "../../../lib/metadata/configs/settings.ts";
import { SettingsError } from "../../../lib/metadata/configs/settings_error.ts";

function settingsOf(name: string, value: string) {
  return groupSettings(new BrokerSettings(new Map([[name, value]])));
}

Deno.test("assignors go by their names or by those of Apache Kafka's classes, and others there are not", () => {
  const names = "range,org.apache.kafka.coordinator.group.assignor.UniformAssignor";
  assertEquals(settingsOf("group.consumer.assignors", names).assignors, ["range", "uniform"]);
  assertThrows(() => settingsOf("group.consumer.assignors", "sticky"), SettingsError, "sticky");
});

Deno.test("the migration policy says which way groups may go", () => {
  const policy = (value: string) => {
    const { mayUpgrade, mayDowngrade, mayMigrate } = settingsOf("group.consumer.migration.policy", value);
    return { mayUpgrade, mayDowngrade, mayMigrate };
  };
  assertEquals(policy("DISABLED"), { mayUpgrade: false, mayDowngrade: false, mayMigrate: false });
  assertEquals(policy("upgrade"), { mayUpgrade: true, mayDowngrade: false, mayMigrate: true });
  assertEquals(policy("Downgrade"), { mayUpgrade: false, mayDowngrade: true, mayMigrate: true });
  assertEquals(policy("bidirectional"), { mayUpgrade: true, mayDowngrade: true, mayMigrate: true });
});
