/**
 * Client quotas as the metadata log tells them (KIP-546).
 *
 * @module
 */
import type { ClientQuotaRecord } from "../../protocol/records/metadata.ts";
import { metadataRecord } from "../record.ts";

/**
 * Whom a quota binds: parts such as `user` and `client-id`, each with a name, or null for all that have no quota of
 * their own.
 */
export type QuotaEntity = ClientQuotaRecord["entity"];

/** The quotas of one entity. */
export interface EntityQuotas {
  readonly entity: QuotaEntity;
  /** Such as `producer_byte_rate`, by name. */
  readonly values: ReadonlyMap<string, number>;
}

/** All quotas. */
export class QuotasImage {
  readonly #byEntity = new Map<string, { entity: QuotaEntity; values: Map<string, number> }>();
  #revision = 0;

  /** Another number after each change. */
  get revision(): number {
    return this.#revision;
  }

  all(): Iterable<EntityQuotas> {
    return this.#byEntity.values();
  }

  /** The quotas of just this entity, whatever the order of its parts; undefined where it has none. */
  of(entity: QuotaEntity): EntityQuotas | undefined {
    return this.#byEntity.get(keyOf(entity));
  }

  set({ entity, key, value, remove }: ClientQuotaRecord): void {
    this.#revision++;
    const entityKey = keyOf(entity);
    const quotas = this.#byEntity.get(entityKey) ?? { entity, values: new Map<string, number>() };
    if (remove) quotas.values.delete(key);
    else quotas.values.set(key, value);
    if (quotas.values.size === 0) this.#byEntity.delete(entityKey);
    else this.#byEntity.set(entityKey, quotas);
  }

  /** The records that make these quotas from nothing. */
  *records() {
    for (const { entity, values } of this.#byEntity.values()) {
      for (const [key, value] of values) yield metadataRecord("ClientQuotaRecord", { entity, key, value });
    }
  }
}

function keyOf(entity: QuotaEntity): string {
  const parts = entity.map(({ entityType, entityName }) => [entityType, entityName] as const);
  return JSON.stringify(parts.sort(([a], [b]) => (a < b ? -1 : 1)));
}
