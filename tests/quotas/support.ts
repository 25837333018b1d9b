/** Quotas as the metadata log has them, for tests. */
import type { EntityQuotas } from "../../lib/metadata/image/quotas_image.ts";

/** Parts of an entity; null for the default. */
export interface Entity {
  readonly user?: string | null;
  readonly "client-id"?: string | null;
  readonly ip?: string | null;
}

/** One quota of an entity. */
export function quota(entity: Entity, key: string, value: number): EntityQuotas {
  return {
    entity: Object.entries(entity).map(([entityType, entityName]) => ({ entityType, entityName })),
    values: new Map([[key, value]]),
  };
}

export const WINDOWS = { samples: 11, windowSizeMs: 1000 };
