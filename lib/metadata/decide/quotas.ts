/**
 * Setting and removing client quotas (KIP-546). Error codes and messages are those of Apache Kafka.
 *
 * @module
 */
import type { MetadataRecord } from "../../protocol/records/logs.ts";
import type { MetadataImage } from "../image/image.ts";
import type { QuotaEntity } from "../image/quotas_image.ts";
import { metadataRecord } from "../record.ts";
import { type ApiError, apiError, type Decision, duplicates, NO_ERROR } from "./decision.ts";

/** The parts that an entity can have. */
export const QuotaEntityType = { USER: "user", CLIENT_ID: "client-id", IP: "ip" } as const;

/** A quota to set, or with `remove` to take away. */
export interface QuotaChange {
  readonly key: string;
  readonly value: number;
  readonly remove: boolean;
}

/** An entity and what to change of its quotas. */
export interface AlteredQuotas {
  readonly entity: QuotaEntity;
  readonly ops: readonly QuotaChange[];
}

/** What an AlterClientQuotas request says. */
export interface AlterClientQuotas {
  readonly entries: readonly AlteredQuotas[];
  readonly validateOnly: boolean;
}

/** What became of one entity. */
export interface AlterClientQuotasResult extends ApiError {
  readonly entity: QuotaEntity;
}

/**
 * Decides on quotas, of each entity all or none. An entity that is named twice is answered once. Error:
 * INVALID_REQUEST.
 */
export function alterClientQuotas(
  image: MetadataImage,
  { entries, validateOnly }: AlterClientQuotas,
): Decision<AlterClientQuotasResult[]> {
  const nameOf = ({ entity }: AlteredQuotas) => describe(entity);
  const twice = duplicates(entries, nameOf);
  const records: MetadataRecord[] = [];
  const result: AlterClientQuotasResult[] = [];
  for (const [name, entry] of new Map(entries.map((entry) => [nameOf(entry), entry]))) {
    const complaint = twice.has(name) || duplicates(entry.ops, ({ key }) => key).size > 0
      ? `Ignoring duplicate entity ClientQuotaEntity(entries={${name}})`
      : entityComplaint(entry.entity) ?? quotasComplaint(entry);
    const error = complaint === null ? NO_ERROR : apiError("INVALID_REQUEST", complaint);
    result.push({ entity: entry.entity, ...error });
    if (complaint === null) records.push(...recordsOf(image, entry));
  }
  return { records: validateOnly ? [] : records, result };
}

/** An entity in the way in which Apache Kafka prints it, whatever the order of its parts. */
function describe(entity: QuotaEntity): string {
  return entity.map(({ entityType, entityName }) => `${entityType}=${entityName}`).sort().join(", ");
}

function entityComplaint(entity: QuotaEntity): string | null {
  if (entity.length === 0) return "Invalid empty client quota entity";
  const types: readonly string[] = Object.values(QuotaEntityType);
  for (const { entityType, entityName } of entity) {
    if (!types.includes(entityType)) return `Unhandled client quota entity type: ${entityType}`;
    if (entityName === "") return `Empty ${entityType} not supported`;
    if (entityType === QuotaEntityType.IP && entityName !== null && !isAddress(entityName)) {
      return `${entityName} is not a valid IP or resolvable host.`;
    }
  }
  const [twice] = duplicates(entity, ({ entityType }) => entityType);
  if (twice !== undefined) return `Entity type ${twice} cannot appear more than once in an entity.`;
  if (entity.length > 1 && entity.some(({ entityType }) => entityType === QuotaEntityType.IP)) {
    return "Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId";
  }
  return null;
}

/** Names of hosts would have to be looked up, now and again later: only addresses are taken. */
function isAddress(text: string): boolean {
  const isVersion4 = /^\d{1,3}(\.\d{1,3}){3}$/.test(text) && text.split(".").every((part) => Number(part) < 256);
  return isVersion4 || /^(?=.*:.*:)[0-9a-f:]+(:\d{1,3}(\.\d{1,3}){3})?$/i.test(text);
}

/** The greatest value of a quota that is a whole number; null for one that need not be. */
interface QuotaKind {
  readonly whole: { readonly most: number; readonly type: string } | null;
}

const LONG: QuotaKind = { whole: { most: 2 ** 63, type: "LONG" } };
const INT: QuotaKind = { whole: { most: 2 ** 31 - 1, type: "INT" } };
const DOUBLE: QuotaKind = { whole: null };

const CLIENT_QUOTAS: ReadonlyMap<string, QuotaKind> = new Map([
  ["producer_byte_rate", LONG],
  ["consumer_byte_rate", LONG],
  ["request_percentage", DOUBLE],
  ["controller_mutation_rate", DOUBLE],
]);
const IP_QUOTAS: ReadonlyMap<string, QuotaKind> = new Map([["connection_creation_rate", INT]]);

function quotasComplaint({ entity, ops }: AlteredQuotas): string | null {
  const kinds = entity[0].entityType === QuotaEntityType.IP ? IP_QUOTAS : CLIENT_QUOTAS;
  for (const { key, value, remove } of ops) {
    const kind = kinds.get(key);
    if (kind === undefined) return `Invalid configuration key ${key}`;
    const complaint = remove ? null : valueComplaint(key, value, kind);
    if (complaint !== null) return complaint;
  }
  return null;
}

function valueComplaint(key: string, value: number, { whole }: QuotaKind): string | null {
  if (!(value > 0)) return `Quota ${key} must be greater than 0`;
  if (whole === null) return null;
  if (value > whole.most) return `Proposed value for ${key} is too large for a ${whole.type}.`;
  return Number.isInteger(value) ? null : `${key} cannot be a fractional value.`;
}

function recordsOf(image: MetadataImage, { entity, ops }: AlteredQuotas): MetadataRecord[] {
  const before = image.quotas.of(entity)?.values;
  const changed = ops.filter(({ key, value, remove }) => remove ? before?.has(key) : before?.get(key) !== value);
  return changed.map(({ key, value, remove }) => {
    return metadataRecord("ClientQuotaRecord", { entity, key, value: remove ? 0 : value, remove });
  });
}
