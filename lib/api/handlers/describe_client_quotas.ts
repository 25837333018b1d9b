/**
 * DescribeClientQuotas: quotas of users, client ids and addresses (KIP-546).
 *
 * Each component of the filter asks that an entity has that part: with just this name, as the default, or with
 * whichever name. A strict filter takes only entities that have no other parts.
 *
 * @module
 */
import { type EntityQuotas, QuotaEntityType } from "../../metadata/mod.ts";
import { ErrorCode } from "../../protocol/error_code.ts";
import {
  DescribeClientQuotasRequest,
  DescribeClientQuotasResponse,
} from "../../protocol/messages/describe_client_quotas.ts";
import type { Init } from "../../protocol/schema.ts";
import { AclOperation } from "../../security/mod.ts";
import { api } from "../api.ts";
import { onCluster } from "../authorize.ts";
import type { RequestContext } from "../context.ts";

type Component = DescribeClientQuotasRequest["components"][number];
type Refusal = { readonly errorCode: ErrorCode; readonly errorMessage: string };

const MatchType = { EXACT: 0, DEFAULT: 1, SPECIFIED: 2 } as const;
const ENTITY_TYPES: readonly string[] = Object.values(QuotaEntityType);

export const describeClientQuotasApi = api(
  DescribeClientQuotasRequest,
  DescribeClientQuotasResponse,
  onCluster(AclOperation.DESCRIBE_CONFIGS, handleDescribeClientQuotas, (error) => ({ ...error, entries: null })),
);

function handleDescribeClientQuotas(
  { components, strict }: DescribeClientQuotasRequest,
  { metadata }: RequestContext,
): Init<DescribeClientQuotasResponse> {
  const refusal = refuse(components);
  if (refusal !== null) return { ...refusal, entries: null };
  const matching = [...metadata.image.quotas.all()].filter(({ entity }) =>
    components.every((component) => entity.some((part) => matches(component, part))) &&
    (!strict || entity.length === components.length)
  );
  return { errorCode: ErrorCode.NONE, entries: matching.map(describe) };
}

function matches({ entityType, matchType, match }: Component, part: EntityQuotas["entity"][number]): boolean {
  if (entityType !== part.entityType) return false;
  return matchType === MatchType.SPECIFIED || part.entityName === match;
}

function describe({ entity, values }: EntityQuotas) {
  return { entity, values: Array.from(values, ([key, value]) => ({ key, value })) };
}

function refuse(components: readonly Component[]): Refusal | null {
  const types = components.map(({ entityType }) => entityType);
  for (const [index, component] of components.entries()) {
    const refusal = refuseComponent(component);
    if (refusal !== null) return refusal;
    if (types.indexOf(component.entityType) < index) {
      return invalid(`Entity type ${component.entityType} cannot appear more than once in the filter.`);
    }
  }
  if (types.length > 1 && types.includes(QuotaEntityType.IP)) {
    return invalid(
      "Invalid entity filter component combination. IP filter component should not be used with user or clientId " +
        "filter component.",
    );
  }
  return null;
}

function refuseComponent({ entityType, matchType, match }: Component): Refusal | null {
  if (entityType === "") return invalid("Invalid empty entity type.");
  if (!ENTITY_TYPES.includes(entityType)) {
    return { errorCode: ErrorCode.UNSUPPORTED_VERSION, errorMessage: `Unsupported entity type ${entityType}` };
  }
  switch (matchType) {
    case MatchType.EXACT:
      return match === null ? invalid("Request specified MATCH_TYPE_EXACT, but set match string to null.") : null;
    case MatchType.DEFAULT:
      return match === null
        ? null
        : invalid("Request specified MATCH_TYPE_DEFAULT, but also specified a match string.");
    case MatchType.SPECIFIED:
      return match === null
        ? null
        : invalid("Request specified MATCH_TYPE_SPECIFIED, but also specified a match string.");
    default:
      return invalid(`Unknown match type ${matchType}`);
  }
}

function invalid(errorMessage: string): Refusal {
  return { errorCode: ErrorCode.INVALID_REQUEST, errorMessage };
}
