import { assertEquals, assertMatch, assertNotEquals, assertThrows } from "@std/assert";
import { utf8 } from "../../../lib/bytes/mod.ts";
import type { Random } from "../../../lib/ports.ts";
import { user } from "../../../lib/security/principal.ts";
import { SaslAuthenticationError, SaslError, type SaslStep } from "../../../lib/security/sasl/exchange.ts";
import { credentialOf, SCRAM_MECHANISMS, ScramExchange } from "../../../lib/security/sasl/scram.ts";
import { fromBase64, utf8Text } from "../../../lib/security/sasl/text.ts";
import { runtimeHashes } from "../../../lib/shell/hashes.ts";
import { ScramPeer } from "../../interop/support/scram_peer.ts";

const [SHA_256] = SCRAM_MECHANISMS;
const FIXED: Random = { fill: (bytes) => bytes.fill(7) };
const SECRET = utf8("the secret of this broker");

function exchange(
  mechanism = SHA_256,
  users: Readonly<Record<string, string>> = { user: "pencil", "a=,b": "x" },
  tokens: readonly string[] = ["token-id"],
) {
  return new ScramExchange(mechanism, {
    hashes: runtimeHashes,
    random: FIXED,
    secret: SECRET,
    credential(name) {
      if (!Object.hasOwn(users, name)) return undefined;
      const salt = fromBase64("W22ZaJ0SNY7soEsUEjb6gQ==");
      const saltedPassword = runtimeHashes.saltPassword(mechanism.hash, users[name], salt, 4096);
      return credentialOf(mechanism.hash, { salt, saltedPassword, iterations: 4096 }, runtimeHashes);
    },
    delegationToken(id) {
      if (!tokens.includes(id)) return undefined;
      return {
        owner: user("owner"),
        expiresAtMs: 1234,
        credential({ hash }, salt) {
          const saltedPassword = runtimeHashes.saltPassword(hash, "token-hmac", salt, 4096);
          return credentialOf(hash, { salt, saltedPassword, iterations: 4096 }, runtimeHashes);
        },
      };
    },
  });
}

function textOf(step: SaslStep): string {
  return utf8Text(step.token);
}

Deno.test("what is kept of a password is that of RFC 7677", () => {
  const salt = fromBase64("W22ZaJ0SNY7soEsUEjb6gQ==");
  const saltedPassword = runtimeHashes.saltPassword("SHA-256", "pencil", salt, 4096);
  const { storedKey, serverKey } = credentialOf("SHA-256", { salt, saltedPassword, iterations: 4096 }, runtimeHashes);
  assertEquals(storedKey, fromBase64("WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="));
  assertEquals(serverKey, fromBase64("wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="));
});

for (const mechanism of SCRAM_MECHANISMS) {
  Deno.test(`${mechanism.name}: who knows the password comes in, and sees that the server knows it too`, () => {
    for (const [name, password] of [["user", "pencil"], ["a=,b", "x"]]) {
      const server = exchange(mechanism);
      const client = new ScramPeer(mechanism, name, password);
      const first = server.evaluate(client.first());
      assertMatch(textOf(first), /^r=client-nonce[A-Za-z0-9+/]{32},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096$/);
      const last = server.evaluate(client.final(first.token));
      assertEquals(last.isComplete && last.principal, { type: "User", name });
      assertEquals(client.isServerRight(last.token), true);
    }
  });

  Deno.test(`${mechanism.name}: a wrong password is refused, and the client is not told why`, () => {
    const server = exchange(mechanism);
    const client = new ScramPeer(mechanism, "user", "pen");
    const first = server.evaluate(client.first());
    assertThrows(() => server.evaluate(client.final(first.token)), SaslError, "the password of");
  });
}

Deno.test("a user that is not there is answered like one that is, always with the same salt", () => {
  const answers = ["mallory", "mallory", "other"].map((name) => {
    const server = exchange();
    const first = server.evaluate(new ScramPeer(SHA_256, name, "pencil").first());
    assertMatch(textOf(first), /^r=client-nonce[A-Za-z0-9+/]{32},s=[A-Za-z0-9+/=]{36},i=4096$/);
    return textOf(first);
  });
  assertEquals(answers[0], answers[1]);
  assertNotEquals(answers[0], answers[2]);
});

Deno.test("no password is right for a user that is not there, not even what was made up for it", () => {
  const server = exchange();
  const client = new ScramPeer(SHA_256, "mallory", "pencil");
  const first = server.evaluate(client.first());
  assertThrows(() => server.evaluate(client.final(first.token)), SaslError, "there is no such user");
});

Deno.test("a client that wants to be somebody else is refused, and told so", () => {
  assertThrows(
    () => exchange().evaluate(utf8("n,a=other,n=user,r=abc")),
    SaslAuthenticationError,
    "an authorization id that is different from username",
  );
});

Deno.test("first messages that are malformed, or ask for channel binding, are refused", () => {
  const wrong = [
    "",
    "n,,",
    "n,,n=user",
    "y,,n=user,r=abc",
    "p=tls-unique,,n=user,r=abc",
    "n,,n=us=er,r=abc",
    "n,,n=,r=a",
  ];
  for (const message of wrong) assertThrows(() => exchange().evaluate(utf8(message)), SaslError, "malformed");
});

const TOKEN_AUTH = { extensions: ",tokenauth=true" };

for (const mechanism of SCRAM_MECHANISMS) {
  Deno.test(`${mechanism.name}: who knows the HMAC of a delegation token comes in as its owner, for as long as it is good`, () => {
    for (const extensions of [",tokenauth=true", ",tokenauth=TRUE", ",other=x,tokenauth=false,tokenauth=true"]) {
      const server = exchange(mechanism);
      const client = new ScramPeer(mechanism, "token-id", "token-hmac", { extensions });
      const last = server.evaluate(client.final(server.evaluate(client.first()).token));
      assertEquals(last.isComplete && [last.principal, last.expiresAtMs], [
        { type: "User", name: "owner", tokenAuthenticated: true },
        1234,
      ]);
      assertEquals(client.isServerRight(last.token), true);
    }
  });
}

Deno.test("a delegation token is none without its HMAC, and no user, nor is a user one", () => {
  const attempts = [
    new ScramPeer(SHA_256, "token-id", "guess", TOKEN_AUTH),
    new ScramPeer(SHA_256, "token-id", "token-hmac"),
    new ScramPeer(SHA_256, "token-id", "token-hmac", { extensions: ",tokenauth=false" }),
    new ScramPeer(SHA_256, "token-id", "token-hmac", { extensions: ",tokenauth=true,tokenauth=no" }),
    new ScramPeer(SHA_256, "token-id", "token-hmac", { extensions: ",TOKENAUTH=true" }),
    new ScramPeer(SHA_256, "user", "pencil", TOKEN_AUTH),
    new ScramPeer(SHA_256, "gone", "token-hmac", TOKEN_AUTH),
  ];
  for (const client of attempts) {
    const server = exchange();
    const first = server.evaluate(client.first());
    assertThrows(() => server.evaluate(client.final(first.token)), SaslError, "is wrong, or there is no such");
  }
});

Deno.test("the salt of a delegation token tells nothing of whether there is one, though it is the token's own", () => {
  const saltOf = (name: string, has: readonly string[]) =>
    /,s=([^,]+),/.exec(
      textOf(exchange(SHA_256, {}, has).evaluate(new ScramPeer(SHA_256, name, "", TOKEN_AUTH).first())),
    )![1];
  assertEquals(saltOf("a", ["a"]), saltOf("a", []));
  assertNotEquals(saltOf("a", ["a"]), saltOf("b", ["b"]));
});

Deno.test("a client that repeats its part of the nonce, as librdkafka once did, comes in", () => {
  const server = exchange();
  const client = new ScramPeer(SHA_256, "user", "pencil", { repeated: "client-nonce" });
  const first = server.evaluate(client.first());
  assertEquals(server.evaluate(client.final(first.token)).isComplete, true);
});

Deno.test("a final message with another nonce, another header or no proof is refused", () => {
  const begin = () => {
    const server = exchange();
    const client = new ScramPeer(SHA_256, "user", "pencil");
    return { server, final: utf8Text(client.final(server.evaluate(client.first()).token)) };
  };
  for (
    const [change, reason] of [
      [(text: string) => text.replace(/r=client/, "r=other"), "the nonce"],
      [(text: string) => text.replace("c=biws", "c=eSws"), "the channel binding"],
      [(text: string) => text.replace(/,p=.*/, ""), "malformed"],
      [(text: string) => text.replace(/,p=.*/, ",p="), "the password"],
      [(text: string) => text.replace(/,p=.*/, ",p=AAAA"), "the password"],
      [() => "\xff\0", "malformed"],
    ] as const
  ) {
    const { server, final } = begin();
    assertThrows(() => server.evaluate(utf8(change(final))), SaslError, reason);
  }
});
