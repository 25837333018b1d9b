/**
 * The gate of a connection whose listener authenticates by SASL: nothing is asked of the broker before the client has said
 * who it is (KIP-12, KIP-43, KIP-152), nor after its session has expired (KIP-368).
 *
 * | state     | event                                | next                                                       |
 * | --------- | ------------------------------------ | ---------------------------------------------------------- |
 * | versions  | ApiVersions in a version of ours     | handshake, answered                                        |
 * | versions  | ApiVersions in another version       | versions, answered with what there is                      |
 * | versions, handshake | SaslHandshake, mechanism enabled | token, answered                                      |
 * | versions, handshake | SaslHandshake, any other   | refused, with the mechanisms that there are                |
 * | token     | a token that is not the last         | token, answered                                            |
 * | token     | the last token, all right            | open, answered                                             |
 * | token     | a token that is not right            | refused, with the reason that the client may know          |
 * | open      | SaslHandshake, where sessions expire | token: the client authenticates anew, as who it was        |
 * | open      | any other request                    | open; refused after the session has expired                |
 * | token, in the midst | ApiVersions or Metadata    | refused, with ILLEGAL_SASL_STATE                           |
 * | any other | any other request                    | refused, without an answer                                 |
 *
 * Tokens come in SaslAuthenticate requests after a SaslHandshake of version 1, and as frames of their own after version 0.
 *
 * @module
 */
import { DecodeError } from "../bytes/mod.ts";
import type { SaslMechanism, SaslSettings } from "../metadata/configs/mod.ts";
import { ErrorCode } from "../protocol/error_code.ts";
import { ApiVersionsResponse } from "../protocol/messages/api_versions.ts";
import { MetadataRequest, MetadataResponse } from "../protocol/messages/metadata.ts";
import { SaslAuthenticateRequest, SaslAuthenticateResponse } from "../protocol/messages/sasl_authenticate.ts";
import { SaslHandshakeRequest, SaslHandshakeResponse } from "../protocol/messages/sasl_handshake.ts";
import type { Message } from "../protocol/schema.ts";
import { ANONYMOUS, formatPrincipal, type KafkaPrincipal } from "../security/mod.ts";
import { SaslAuthenticationError, SaslError, type SaslExchange, type SaslStep } from "../security/sasl/exchange.ts";
import { readRequest, readRequestPrefix, writeResponse } from "../wire/mod.ts";

/** What becomes of a frame. */
export type GateOutcome =
  | { readonly isRefused: false; readonly answer: Uint8Array[] }
  | {
    readonly isRefused: true;
    /** What the client is told before the connection ends; null for nothing. */
    readonly answer: Uint8Array[] | null;
    /** Why, for the log. */
    readonly reason: string;
  };

/** What the gate needs of the connection and the broker. */
export interface GatePorts {
  readonly settings: SaslSettings;
  readonly newExchange: (mechanism: SaslMechanism) => SaslExchange;
  /** Answers an ApiVersions request. */
  readonly answerApiVersions: (frame: Uint8Array) => Promise<Uint8Array[]>;
  readonly hasApiVersions: (version: number) => boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Who came in, how, and until when. */
interface Session {
  readonly principal: KafkaPrincipal;
  readonly mechanism: string;
  /** Milliseconds since the epoch; null for ever. */
  readonly expiresAtMs: number | null;
}

const API_VERSIONS_KEY = 18;
const METADATA_KEY = 3;
const HANDSHAKE_KEY = 17;
const AUTHENTICATE_KEY = 36;
/** From this version of SaslHandshake on, tokens come in requests. */
const FIRST_VERSION_WITH_REQUESTS = 1;

export class SaslGate {
  readonly #ports: GatePorts;
  #state: "versions" | "handshake" | "token" | "open" = "versions";
  #session: Session | null = null;
  #mechanism: SaslMechanism | null = null;
  #exchange: SaslExchange | null = null;
  #hasRequests = false;
  /** Whether a token was answered that is not the last. */
  #isInMidst = false;

  constructor(ports: GatePorts) {
    this.#ports = ports;
  }

  /** Who the client is; ANONYMOUS as long as it has not shown it. */
  get principal(): KafkaPrincipal {
    return this.#session?.principal ?? ANONYMOUS;
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** The listener's settings. */
  get settings(): SaslSettings {
    return this.#ports.settings;
  }

  /** Whether a frame is a request for the broker; else it is for {@linkcode handle}. */
  passes(frame: Uint8Array): boolean {
    if (this.#state !== "open") return false;
    const expiresAtMs = this.#session!.expiresAtMs;
    if (expiresAtMs === null) return true;
    return this.#ports.now() < expiresAtMs && readRequestPrefix(frame).apiKey !== HANDSHAKE_KEY;
  }

  /**
   * Takes a frame that does not pass.
   *
   * @throws {DecodeError} where it is no frame of authentication
   */
  async handle(frame: Uint8Array): Promise<GateOutcome> {
    switch (this.#state) {
      case "open":
        return this.#handleExpired(frame);
      case "token":
        return this.#hasRequests ? await this.#handleRequest(frame) : await this.#handleToken(frame);
      default:
        return await this.#handleHandshake(frame);
    }
  }

  #handleExpired(frame: Uint8Array): Promise<GateOutcome> | GateOutcome {
    if (readRequestPrefix(frame).apiKey === HANDSHAKE_KEY) return this.#handleHandshake(frame);
    return refused("its session has expired, and it did not authenticate anew");
  }

  async #handleHandshake(frame: Uint8Array): Promise<GateOutcome> {
    const { apiKey, apiVersion, correlationId } = readRequestPrefix(frame);
    if (apiKey === API_VERSIONS_KEY && this.#state === "versions") {
      if (this.#ports.hasApiVersions(apiVersion)) this.#state = "handshake";
      return { isRefused: false, answer: await this.#ports.answerApiVersions(frame) };
    }
    if (apiKey !== HANDSHAKE_KEY) return refused(`API key ${apiKey} came in the place of SaslHandshake`);
    const { mechanism: name } = read(frame, SaslHandshakeRequest, apiVersion);
    const { mechanisms } = this.#ports.settings;
    const mechanism = mechanisms.find((candidate) => candidate.name === name);
    const answer = (errorCode: ErrorCode) =>
      writeResponse(correlationId, SaslHandshakeResponse, apiVersion, {
        errorCode,
        mechanisms: mechanisms.map((candidate) => candidate.name),
      });
    if (mechanism === undefined) {
      return refused(`it asked for the mechanism ${name}`, answer(ErrorCode.UNSUPPORTED_SASL_MECHANISM));
    }
    this.#mechanism = mechanism;
    this.#hasRequests = apiVersion >= FIRST_VERSION_WITH_REQUESTS;
    this.#exchange = this.#ports.newExchange(mechanism);
    this.#isInMidst = false;
    this.#state = "token";
    return { isRefused: false, answer: answer(ErrorCode.NONE) };
  }

  async #handleRequest(frame: Uint8Array): Promise<GateOutcome> {
    const { apiKey, apiVersion, correlationId } = readRequestPrefix(frame);
    if (apiKey !== AUTHENTICATE_KEY) {
      const answer = this.#isInMidst ? illegalStateAnswer(frame) : null;
      return refused(`API key ${apiKey} came in the place of SaslAuthenticate`, answer);
    }
    const { authBytes } = read(frame, SaslAuthenticateRequest, apiVersion);
    const result = await this.#evaluate(authBytes);
    const fields = "complaint" in result
      ? { errorCode: ErrorCode.SASL_AUTHENTICATION_FAILED, errorMessage: result.complaint }
      : { authBytes: result.token, sessionLifetimeMs: BigInt(this.#lifetimeMs()) };
    const answer = writeResponse(correlationId, SaslAuthenticateResponse, apiVersion, fields);
    return "complaint" in result ? refused(result.reason, answer) : { isRefused: false, answer };
  }

  async #handleToken(frame: Uint8Array): Promise<GateOutcome> {
    const result = await this.#evaluate(frame);
    return "complaint" in result ? refused(result.reason) : { isRefused: false, answer: [sizePrefixed(result.token)] };
  }

  /** Has the mechanism look at a token, and opens the gate after the last one. */
  async #evaluate(token: Uint8Array): Promise<{ token: Uint8Array } | { complaint: string; reason: string }> {
    const { name } = this.#mechanism!;
    const what = this.#session === null ? "authentication" : "re-authentication";
    try {
      this.#checkMechanism(name);
      const step = await this.#exchange!.evaluate(token);
      if (step.isComplete) this.#open(step);
      this.#isInMidst = !step.isComplete;
      return { token: step.token };
    } catch (error) {
      // What the client may not know is not told: whether there is such a user, above all.
      const complaint = `Authentication failed during ${what} due to invalid credentials with SASL mechanism ${name}`;
      const prefix = `${what} by ${name} failed`;
      if (error instanceof SaslAuthenticationError) {
        return { complaint: error.message, reason: `${prefix}: ${error.message}` };
      }
      if (error instanceof SaslError) return { complaint, reason: `${prefix}: ${error.message}` };
      throw error;
    }
  }

  #checkMechanism(name: string): void {
    if (this.#session === null || this.#session.mechanism === name) return;
    throw new SaslAuthenticationError(
      `SASL mechanism '${name}' requested by client is not supported for re-authentication of mechanism ` +
        `'${this.#session.mechanism}'`,
    );
  }

  #open({ principal, expiresAtMs }: SaslStep & { isComplete: true }): void {
    const { name: mechanism, maxReauthMs } = this.#mechanism!;
    const before = this.#session?.principal;
    if (before !== undefined && formatPrincipal(before) !== formatPrincipal(principal)) {
      throw new SaslAuthenticationError(
        `Cannot change principals during re-authentication from ${before.type}.${before.name}: ` +
          `${principal.type}.${principal.name}`,
      );
    }
    const limits = [...(expiresAtMs === null ? [] : [expiresAtMs])];
    if (maxReauthMs > 0) limits.push(this.#ports.now() + maxReauthMs);
    this.#session = { principal, mechanism, expiresAtMs: limits.length === 0 ? null : Math.min(...limits) };
    this.#exchange = null;
    this.#state = "open";
  }

  /** For how long the client is let in; 0 for ever, or as long as it is not. */
  #lifetimeMs(): number {
    const expiresAtMs = this.#state === "open" ? this.#session!.expiresAtMs : null;
    return expiresAtMs === null ? 0 : Math.max(0, expiresAtMs - this.#ports.now());
  }
}

function refused(reason: string, answer: Uint8Array[] | null = null): GateOutcome {
  return { isRefused: true, answer, reason };
}

/**
 * What a client is told that takes itself for authenticated: some overlook the refusal of an OAUTHBEARER token, which is
 * no error yet, and begin with one of these requests. Without an answer they would try again and again.
 */
function illegalStateAnswer(frame: Uint8Array): Uint8Array[] | null {
  const { apiKey, apiVersion, correlationId } = readRequestPrefix(frame);
  const errorCode = ErrorCode.ILLEGAL_SASL_STATE;
  switch (apiKey) {
    case API_VERSIONS_KEY:
      if (!ApiVersionsResponse.hasVersion(apiVersion)) return null;
      return writeResponse(correlationId, ApiVersionsResponse, apiVersion, { errorCode });
    case METADATA_KEY: {
      const { topics } = read(frame, MetadataRequest, apiVersion);
      return writeResponse(correlationId, MetadataResponse, apiVersion, {
        errorCode,
        topics: topics?.map(({ name, topicId }) => ({ name: name ?? "", topicId, errorCode })) ?? [],
      });
    }
    default:
      return null;
  }
}

function read<T>(frame: Uint8Array, message: Message<T>, version: number): T {
  if (!message.hasVersion(version)) {
    throw new DecodeError(`${message.name} has no version ${version}: served are ${message.versions.join(" to ")}`, 2);
  }
  return readRequest(frame, message, version).request;
}

function sizePrefixed(token: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + token.length);
  new DataView(bytes.buffer).setInt32(0, token.length);
  bytes.set(token, 4);
  return bytes;
}
