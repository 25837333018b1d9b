/**
 * Delegation tokens, asked for by who may and who may not. The cases are played against brokers that ask who their clients are,
 * and that have a secret key for tokens, or none.
 *
 * @module
 */
import type { Json } from "../../../lib/protocol/json.ts";
import { CreateDelegationTokenRequest } from "../../../lib/protocol/messages/create_delegation_token.ts";
import { DescribeDelegationTokenRequest } from "../../../lib/protocol/messages/describe_delegation_token.ts";
import { ExpireDelegationTokenRequest } from "../../../lib/protocol/messages/expire_delegation_token.ts";
import { RenewDelegationTokenRequest } from "../../../lib/protocol/messages/renew_delegation_token.ts";
import type { Init } from "../../../lib/protocol/schema.ts";
import { become } from "../support/authorized.ts";
import { ask, type Case, type Step, type StepOptions } from "../support/case.ts";
import type { Known } from "../support/known.ts";

const MINUTE_MS = 60_000n;
/** DELEGATION_TOKEN_EXPIRED */
const EXPIRED = 66;
const NOBODYS = new Uint8Array(64);

function create(request: Init<CreateDelegationTokenRequest>, options: StepOptions, version = 3): Step {
  return ask(CreateDelegationTokenRequest, version, { maxLifetimeMs: -1n, ...request }, options);
}

function renew(hmac: (known: Known) => Uint8Array, renewPeriodMs: bigint, options: StepOptions, version = 2): Step {
  return ask(RenewDelegationTokenRequest, version, (known) => ({ hmac: hmac(known), renewPeriodMs }), options);
}

function expire(hmac: (known: Known) => Uint8Array, periodMs: bigint, options: StepOptions, version = 2): Step {
  const request = (known: Known) => ({ hmac: hmac(known), expiryTimePeriodMs: periodMs });
  return ask(ExpireDelegationTokenRequest, version, request, options);
}

/** Apache Kafka answers before its broker knows of a change: so it is asked until it tells so many tokens. */
function describe(owners: readonly string[] | null, count: number, options: StepOptions, version = 3): Step {
  return ask(DescribeDelegationTokenRequest, version, {
    owners: owners?.map((text) => principal(text)) ?? null,
  }, { ...options, until: (answer) => tokensIn(answer) === count });
}

function tokensIn(answer: Json): number {
  return (answer as { tokens: Json[] }).tokens.length;
}

function principal(text: string) {
  const [principalType, principalName] = text.split(":");
  return { principalType, principalName };
}

function owner(text: string) {
  const [ownerPrincipalType, ownerPrincipalName] = text.split(":");
  return { ownerPrincipalType, ownerPrincipalName };
}

const of = (ordinal: number) => ({ hmac }: Known) => hmac(ordinal);
const nobodys = () => NOBODYS;
const U0 = { on: "u0" };
const U1 = { on: "u1" };
const U2 = { on: "u2" };
const U3 = { on: "u3" };
const ADMIN = { on: "admin" };
const users = ["u0", "u1", "u2", "admin"].flatMap((user) => become(user));

/** On a listener of SASL, where there are tokens; nobody but `admin` may do anything by the access control lists. */
export const tokenCases: readonly Case[] = [
  {
    name: "tokens are made, described, renewed and ended in every version",
    steps: [
      ...users,
      create({}, U0, 1),
      create({ renewers: [principal("User:u1")], maxLifetimeMs: 10n * MINUTE_MS }, U0, 2),
      create({ renewers: [principal("User:u1"), principal("User:u 2")] }, U0, 3),
      describe(null, 3, U0, 1),
      describe(null, 3, U0, 2),
      describe(null, 3, U0, 3),
      describe([], 0, U0),
      describe(["User:u0"], 3, U0),
      describe(["User:u1"], 2, U0),
      describe(["User:nobody", "Group:u0"], 0, U0),
      describe(null, 2, U1),
      describe(null, 0, U2),
      describe(["User:u0"], 0, U2),
      describe(null, 3, ADMIN),
      renew(of(1), 5n * MINUTE_MS, { ...U0, as: "for 5 minutes" }, 1),
      renew(of(1), -1n, { ...U0, as: "for as long as may be" }),
      renew(of(1), 0n, { ...U0, as: "for no time" }),
      renew(of(1), 2n ** 62n, { ...U0, as: "for ever" }),
      renew(of(2), -1n, { ...U1, as: "by a renewer, at most to the end of its life" }),
      renew(of(2), -1n, { ...U2, as: "by somebody else" }),
      renew(of(2), -1n, { ...ADMIN, as: "by an admin" }),
      expire(of(3), 7n * MINUTE_MS, { ...U0, as: "in 7 minutes" }, 1),
      expire(of(3), 2n ** 63n - 1n, { ...U1, as: "never" }),
      expire(of(3), 0n, { ...ADMIN, as: "by an admin" }),
      expire(of(3), -1n, { ...U2, as: "by somebody else" }),
      expire(of(3), -(2n ** 63n), { ...U1, as: "at once, by a renewer" }),
      describe(null, 2, U0),
      renew(of(3), -1n, { ...U0, as: "of one that is gone" }),
      expire(of(1), -1n, { ...U0, as: "at once" }),
      expire(of(2), -1n, { ...U0, as: "at once" }),
      describe(null, 0, U0),
    ],
  },
  {
    name: "tokens for somebody else",
    steps: [
      ...users,
      create(owner("User:u1"), { ...U0, as: "without the permission" }),
      create(owner("User:u0"), { ...U0, as: "for oneself by name" }),
      create({ ...owner("User:u1"), renewers: [principal("User:u2")] }, { ...ADMIN, as: "by an admin" }),
      create(owner("Group:g"), { ...ADMIN, as: "of another type" }),
      create(owner(":u1"), { ...U0, as: "without a type" }),
      create({ ownerPrincipalType: "User", ownerPrincipalName: "" }, { ...U0, as: "for nobody" }),
      create({ ownerPrincipalType: null, ownerPrincipalName: null }, { ...U0, as: "for null" }),
      create({ ownerPrincipalType: null, ownerPrincipalName: "u1" }, { ...U0, as: "for a type of null" }),
      describe(null, 5, ADMIN),
      describe(null, 1, U1),
      describe(null, 1, U2),
      describe(["Group:g"], 1, ADMIN),
      renew(of(2), -1n, { ...ADMIN, as: "by who had it made" }),
      renew(of(2), -1n, { ...U1, as: "by the owner" }),
      ...[1, 4, 5].map((ordinal) => expire(of(ordinal), -1n, { ...U0, as: `${ordinal} at once` })),
      expire(of(2), -1n, { ...U2, as: "2 at once" }),
      describe(null, 1, ADMIN),
    ],
  },
  {
    name: "requests that make no sense",
    steps: [
      ...users,
      create({ renewers: [principal("User:u1"), principal("Group:g")] }, { ...U0, as: "with a group that renews" }),
      create({ renewers: [principal(":u1")] }, { ...U0, as: "with a renewer without a type" }),
      create({ ...owner("User:u1"), renewers: [principal("Group:g")] }, { ...U0, as: "with two mistakes" }),
      renew(nobodys, -1n, { ...U0, as: "of no token" }),
      expire(nobodys, -1n, { ...U0, as: "of no token" }),
      renew(() => new Uint8Array(0), -1n, { ...U0, as: "of nothing" }, 1),
      expire(() => new Uint8Array(1000), 0n, { ...U0, as: "of too much" }, 1),
      create({ renewers: [principal("User:")], maxLifetimeMs: -(2n ** 63n) }, {
        ...U0,
        as: "renewed by an empty name",
      }),
      describe(null, 1, U0),
      expire(of(1), -1n, { ...U0, as: "at once" }),
      describe(null, 0, U0),
    ],
  },
  {
    name: "a token that expires at once",
    steps: [
      ...become("u3"),
      create({ maxLifetimeMs: 1n }, U3),
      ask(RenewDelegationTokenRequest, 2, ({ hmac }) => ({ hmac: hmac(), renewPeriodMs: -1n }), {
        ...U3,
        until: (answer) => (answer as { errorCode: number }).errorCode === EXPIRED,
      }),
      renew(of(1), -1n, U3),
      expire(of(1), 0n, { ...U3, as: "later" }),
      expire(of(1), -1n, { ...U3, as: "at once" }),
      describe(null, 0, U3),
    ],
  },
];

/** One of each, by somebody who has not said who it is, or where there are no tokens. */
export function refusedTokenCases(before: readonly Step[], options: StepOptions): Case[] {
  const everything = { owners: null };
  return [1, 2, 3].map((version) => ({
    name: `tokens in version ${version}`,
    steps: [
      ...before,
      create(version === 3 ? owner("User:u1") : {}, options, version),
      create({ renewers: [principal("Group:g")] }, { ...options, as: "with a group that renews" }, version),
      renew(nobodys, -1n, options, Math.min(version, 2)),
      expire(nobodys, -1n, options, Math.min(version, 2)),
      ask(DescribeDelegationTokenRequest, version, everything, options),
      ask(DescribeDelegationTokenRequest, version, { owners: [] }, options),
    ],
  }));
}
