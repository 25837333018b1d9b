/**
 * Which quota binds a client: that of the most specific entity that names it, in Kafka's order of precedence.
 *
 * |   | user    | client id | whose use counts together         |
 * | - | ------- | --------- | --------------------------------- |
 * | 1 | this    | this      | this user by this client id       |
 * | 2 | this    | default   | this user by this client id       |
 * | 3 | this    |           | this user                         |
 * | 4 | default | this      | this user by this client id       |
 * | 5 | default | default   | this user by this client id       |
 * | 6 | default |           | this user                         |
 * | 7 |         | this      | this client id, whoever the user  |
 * | 8 |         | default   | this client id, whoever the user  |
 *
 * As in Apache Kafka, a client without an id is bound by the quotas of its user alone.
 *
 * @module
 */
import type { EntityQuotas } from "../metadata/image/quotas_image.ts";

/** The parts of an entity of which a client has one each. */
const USER = "user";
const CLIENT_ID = "client-id";

/** A quota, and whose use of it counts together. */
export interface QuotaLimit {
  /** Null where all users count together. */
  readonly user: string | null;
  /** Null where all client ids of the user count together. */
  readonly clientId: string | null;
  /** Per second. */
  readonly bound: number;
}

/** The bounds of one quota, by the names of entities; null is the default. */
type Bounds = Map<string | null, number>;

export class QuotaLimits {
  readonly #users: Bounds = new Map();
  readonly #clientIds: Bounds = new Map();
  readonly #clientIdsOfUsers = new Map<string | null, Bounds>();
  /** Whether nobody is bound. */
  readonly isEmpty: boolean;

  /** @param key the quota, such as `producer_byte_rate` */
  constructor(quotas: Iterable<EntityQuotas>, key: string) {
    for (const { entity, values } of quotas) {
      const bound = values.get(key);
      if (bound !== undefined) this.#add(entity, bound);
    }
    this.isEmpty = this.#users.size + this.#clientIds.size + this.#clientIdsOfUsers.size === 0;
  }

  /** Null where the client is not bound. */
  find(user: string, clientId: string): QuotaLimit | null {
    const ofBoth = clientId === "" ? undefined : this.#clientIdsOfUsers.get(user);
    const bothBound = ofBoth?.get(clientId) ?? ofBoth?.get(null);
    if (bothBound !== undefined) return { user, clientId, bound: bothBound };
    const userBound = this.#users.get(user);
    if (userBound !== undefined) return { user, clientId: null, bound: userBound };
    const ofDefault = clientId === "" ? undefined : this.#clientIdsOfUsers.get(null);
    const defaultBothBound = ofDefault?.get(clientId) ?? ofDefault?.get(null);
    if (defaultBothBound !== undefined) return { user, clientId, bound: defaultBothBound };
    const defaultUserBound = this.#users.get(null);
    if (defaultUserBound !== undefined) return { user, clientId: null, bound: defaultUserBound };
    const clientBound = clientId === "" ? undefined : this.#clientIds.get(clientId) ?? this.#clientIds.get(null);
    return clientBound === undefined ? null : { user: null, clientId, bound: clientBound };
  }

  #add(entity: EntityQuotas["entity"], bound: number): void {
    const user = entity.find(({ entityType }) => entityType === USER);
    const client = entity.find(({ entityType }) => entityType === CLIENT_ID);
    if (user === undefined) {
      if (client !== undefined) this.#clientIds.set(client.entityName, bound);
    } else if (client === undefined) {
      this.#users.set(user.entityName, bound);
    } else {
      const bounds = this.#clientIdsOfUsers.get(user.entityName) ?? new Map();
      this.#clientIdsOfUsers.set(user.entityName, bounds.set(client.entityName, bound));
    }
  }
}
