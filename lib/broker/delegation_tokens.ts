/**
 * The delegation tokens of a broker (KIP-48): who asks for them has been judged already. They are in the metadata log; their
 * secrets are made anew from `delegation.token.secret.key`. Tokens that have expired are removed from time to time.
 *
 * @module
 */
import { mapInSlices } from "../api/slices.ts";
import type { BrokerSettings } from "../metadata/configs/settings.ts";
import {
  type CreateDelegationToken,
  createDelegationToken,
  type Decision,
  expireDelegationToken,
  type Metadata,
  type MetadataImage,
  renewDelegationToken,
  sweepDelegationTokens,
  type TokenChange,
  type TokenCreation,
  type TokenExpiry,
} from "../metadata/mod.ts";
import { randomUuid } from "../metadata/random_uuid.ts";
import type { Clock, Hashes, Logger, Random, Timer, Timers } from "../ports.ts";
import { ErrorCode } from "../protocol/error_code.ts";
import type { DelegationTokenRecord } from "../protocol/records/security.ts";
import { DelegationTokenSecrets, hasExpired, parsePrincipal } from "../security/mod.ts";
import type { ScramToken } from "../security/sasl/scram.ts";

/** What {@linkcode DelegationTokens} needs. */
export interface DelegationTokenPorts {
  readonly metadata: Metadata;
  readonly settings: BrokerSettings;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly hashes: Hashes;
  readonly random: Random;
  readonly logger: Logger;
  /** Ends the process loudly: an invariant is broken. */
  readonly fatal: (error: unknown) => void;
}

/** A token with its secret, for who may see it. */
export interface DescribedToken {
  readonly token: DelegationTokenRecord;
  readonly hmac: Uint8Array;
}

/** A change of the token that has this HMAC. */
export type TokenChangeByHmac = Omit<TokenChange, "find"> & { readonly hmac: Uint8Array };

/** Decides on the image as it is when the turn of the change comes. */
type TokenDecision<R> = (image: MetadataImage, secrets: DelegationTokenSecrets, nowMs: number) => Decision<R>;

const NOT_CREATED = { token: null };
const NOT_CHANGED = { expiryTimestampMs: 0n };

export class DelegationTokens {
  readonly #ports: DelegationTokenPorts;
  /** Null where there are no tokens. */
  readonly #secrets: DelegationTokenSecrets | null;
  #sweep: Timer | null = null;

  constructor(ports: DelegationTokenPorts) {
    this.#ports = ports;
    const secretKey = ports.settings.get("delegation.token.secret.key");
    this.#secrets = secretKey === null || secretKey === "" ? null : new DelegationTokenSecrets(secretKey, ports.hashes);
  }

  /** Removes tokens that have expired, from now on, until {@linkcode close}. */
  start(): void {
    if (this.#secrets !== null) this.#scheduleSweep();
  }

  close(): void {
    this.#sweep?.cancel();
  }

  /** Whether there are tokens: whether `delegation.token.secret.key` is set. */
  get isEnabled(): boolean {
    return this.#secrets !== null;
  }

  /** Errors: DELEGATION_TOKEN_AUTH_DISABLED, and those of the decision. */
  create(request: Omit<CreateDelegationToken, "tokenId">): Promise<TokenCreation> {
    const named = { ...request, tokenId: randomUuid(this.#ports.random) };
    return this.#change((image, _, nowMs) => createDelegationToken(image, named, this.#limits, nowMs), NOT_CREATED);
  }

  /** Errors: DELEGATION_TOKEN_AUTH_DISABLED, and those of the decision. */
  async renew({ hmac, ...change }: TokenChangeByHmac): Promise<TokenExpiry> {
    await this.#makeSecrets();
    return await this.#change((image, secrets, nowMs) => {
      const found: TokenChange = { ...change, find: (tokens) => secrets.find(tokens, hmac) };
      return renewDelegationToken(image, found, this.#limits, nowMs);
    }, NOT_CHANGED);
  }

  /** Errors: DELEGATION_TOKEN_AUTH_DISABLED, and those of the decision. */
  async expire({ hmac, ...change }: TokenChangeByHmac): Promise<TokenExpiry> {
    await this.#makeSecrets();
    return await this.#change((image, secrets, nowMs) => {
      const found: TokenChange = { ...change, find: (tokens) => secrets.find(tokens, hmac) };
      return expireDelegationToken(image, found, nowMs);
    }, NOT_CHANGED);
  }

  /** The tokens for which `isMeant` holds. */
  async describe(isMeant: (token: DelegationTokenRecord) => boolean): Promise<DescribedToken[]> {
    const described = await mapInSlices(this.#all, this.#ports, (token) => {
      return isMeant(token) ? [{ token, hmac: this.hmacOf(token) }] : [];
    });
    return described.flat();
  }

  /** The secret of a token, where there are tokens. */
  hmacOf(token: DelegationTokenRecord): Uint8Array {
    return this.#secrets!.hmacOf(token);
  }

  /** What SCRAM needs of a token; undefined where there is none of that id, or it is good no more. */
  scramToken(id: string): ScramToken | undefined {
    const secrets = this.#secrets;
    const token = this.#ports.metadata.image.security.delegationTokens.get(id);
    if (secrets === null || token === undefined || hasExpired(token, this.#ports.clock.now())) return undefined;
    return {
      owner: parsePrincipal(token.owner),
      expiresAtMs: Number(token.expirationTimestamp),
      credential: (mechanism, salt) => secrets.credentialOf(token, mechanism, salt),
    };
  }

  get #all(): DelegationTokenRecord[] {
    return [...this.#ports.metadata.image.security.delegationTokens.values()];
  }

  get #limits() {
    const { settings } = this.#ports;
    return {
      maxLifetimeMs: settings.get("delegation.token.max.lifetime.ms"),
      expiryTimeMs: settings.get("delegation.token.expiry.time.ms"),
    };
  }

  /** In slices, where thousands are not made yet; what then looks for one only compares. */
  async #makeSecrets(): Promise<void> {
    const secrets = this.#secrets;
    if (secrets !== null) await mapInSlices(this.#all, this.#ports, (token) => secrets.hmacOf(token));
  }

  /** @param nothing what a result says beside its error, where nothing has changed */
  #change<R extends { readonly errorCode: ErrorCode }>(
    decide: TokenDecision<R>,
    nothing: Omit<R, "errorCode">,
  ): Promise<R> {
    const { metadata, clock } = this.#ports;
    const secrets = this.#secrets;
    const refused = (errorCode: ErrorCode) => ({ errorCode, ...nothing }) as R;
    if (secrets === null) return Promise.resolve(refused(ErrorCode.DELEGATION_TOKEN_AUTH_DISABLED));
    return metadata.change((image) => decide(image, secrets, clock.now()), ({ errorCode }) => refused(errorCode));
  }

  #scheduleSweep(): void {
    const { timers, settings } = this.#ports;
    this.#sweep = timers.after(settings.get("delegation.token.expiry.check.interval.ms"), () => {
      this.#scheduleSweep();
      this.#sweepExpired().catch(this.#ports.fatal);
    });
  }

  async #sweepExpired(): Promise<void> {
    const { metadata, clock, logger } = this.#ports;
    // Where the log does not take it, the next sweep may.
    const swept = await metadata.change((image) => sweepDelegationTokens(image, clock.now()), () => []);
    for (const { tokenId, owner } of swept) {
      logger.info(`Delegation token expired for token: ${tokenId} for owner: ${owner}`);
    }
  }
}
