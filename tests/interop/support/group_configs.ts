/**
 * Configs of groups, for the cases of the differential test.
 *
 * @module
 */
import type { Json } from "../../../lib/protocol/json.ts";
import { DescribeConfigsRequest } from "../../../lib/protocol/messages/describe_configs.ts";
import { IncrementalAlterConfigsRequest } from "../../../lib/protocol/messages/incremental_alter_configs.ts";
import { ask, type Step } from "./case.ts";

/** ConfigResource.Type.GROUP */
export const GROUP_RESOURCE = 32;

type Values = Readonly<Record<string, string>>;

/** Sets configs of a group, and waits until they hold: Apache Kafka answers before its groups know of a change. */
export function configureGroup(groupId: string, values: Values): Step[] {
  return [setGroupConfigs(groupId, values), untilConfigured(groupId, values)];
}

/** Sets configs of a group. */
export function setGroupConfigs(groupId: string, values: Values): Step {
  return ask(IncrementalAlterConfigsRequest, 1, {
    resources: [{
      resourceType: GROUP_RESOURCE,
      resourceName: groupId,
      configs: Object.entries(values).map(([name, value]) => ({ name, configOperation: SET, value })),
    }],
    validateOnly: false,
  }, { as: `configs of ${groupId}` });
}

/** Takes configs of a group back. */
export function deleteGroupConfigs(groupId: string, names: readonly string[]): Step {
  return ask(IncrementalAlterConfigsRequest, 1, {
    resources: [{
      resourceType: GROUP_RESOURCE,
      resourceName: groupId,
      configs: names.map((name) => ({ name, configOperation: DELETE, value: null })),
    }],
    validateOnly: false,
  }, { as: `no configs of ${groupId}` });
}

const SET = 0;
const DELETE = 1;

function untilConfigured(groupId: string, values: Values): Step {
  return ask(DescribeConfigsRequest, 4, {
    resources: [{ resourceType: GROUP_RESOURCE, resourceName: groupId, configurationKeys: Object.keys(values) }],
  }, {
    as: `until ${groupId} is configured`,
    until(answer: Json) {
      const [{ configs }] = (answer as { results: [{ configs: { name: string; value: Json }[] }] }).results;
      return configs.every(({ name, value }) => value === values[name]);
    },
  });
}
