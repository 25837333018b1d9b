/** The settings of TLS and SASL: what holds for which listener, and what is refused. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { loadSettings, readSaslSettings, readTlsSettings, SettingsError } from "../../../lib/metadata/configs/mod.ts";

const PLAIN = 'org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="secret";';

function load(text: string) {
  return loadSettings({ file: { path: "server.properties", text } });
}

function assertRefused(text: string, beginning: string): void {
  const error = assertThrows(() => load(text), SettingsError);
  assert(error.message.replace(/^server\.properties:\d+: /, "").startsWith(beginning), error.message);
}

Deno.test("a setting of one listener wins for that listener, and of one mechanism for that mechanism", () => {
  const { settings, warnings } = load(`
    listeners=INSIDE://:1,OUTSIDE://:2
    listener.security.protocol.map=INSIDE:SASL_PLAINTEXT,OUTSIDE:SASL_SSL
    inter.broker.listener.name=INSIDE
    ssl.keystore.type=PEM
    ssl.keystore.location=/inside.pem
    listener.name.outside.ssl.keystore.location=/outside.pem
    sasl.enabled.mechanisms=SCRAM-SHA-512
    listener.name.outside.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256
    listener.name.outside.plain.sasl.jaas.config=${PLAIN}
    connections.max.reauth.ms=1000
    listener.name.outside.plain.connections.max.reauth.ms=2000
  `);
  assertEquals(warnings, []);
  const [inside, outside] = settings.listeners;
  assertEquals(readTlsSettings(settings, "OUTSIDE").identity, { path: "/outside.pem", keyPassword: null });
  const mechanisms = [inside, outside].map((listener) => readSaslSettings(settings, listener).mechanisms);
  assertEquals(mechanisms.map((all) => all.map(({ name, maxReauthMs }) => [name, maxReauthMs])), [
    [["SCRAM-SHA-512", 1000]],
    [["PLAIN", 2000], ["SCRAM-SHA-256", 1000]],
  ]);
  const [plain] = mechanisms[1];
  assertEquals(plain.kind === "plain" && [...plain.users], [["alice", "secret"]]);
});

Deno.test("certificates stand in files or in the settings themselves", () => {
  const { settings } = load(`
    listeners=SSL://:1
    ssl.keystore.type=PEM
    ssl.keystore.key=K
    ssl.keystore.certificate.chain=C
    ssl.key.password=P
    ssl.truststore.type=PEM
    ssl.truststore.certificates=T
    ssl.client.auth=required
    ssl.enabled.protocols=TLSv1.3
    ssl.cipher.suites=TLS_AES_128_GCM_SHA256
  `);
  assertEquals(readTlsSettings(settings, "SSL"), {
    identity: { key: "K", certificateChain: "C", keyPassword: "P" },
    authorities: { pem: "T" },
    clientAuth: "required",
    versions: ["TLSv1.3"],
    cipherSuites: ["TLS_AES_128_GCM_SHA256"],
  });
});

Deno.test("TLS without a certificate, or with half of one, is refused", () => {
  const problems: [string, string][] = [
    ["", "listeners has the listener SSL with TLS, and no certificate for it: set ssl.keystore.type=PEM"],
    [
      "ssl.keystore.type=PEM\nssl.keystore.key=K",
      "ssl.keystore.key is set for the listener SSL, and ssl.keystore.certificate",
    ],
    [
      "ssl.keystore.type=PEM\nssl.keystore.location=f\nssl.client.auth=required",
      "ssl.client.auth is required for the listener",
    ],
    [
      "ssl.keystore.type=PEM\nssl.keystore.location=f\nssl.enabled.protocols=TLSv1.1",
      "ssl.enabled.protocols is TLSv1.1 for",
    ],
    [
      "ssl.keystore.type=PEM\nssl.keystore.location=f\nssl.principal.mapping.rules=RULE:x",
      "ssl.principal.mapping.rules cannot",
    ],
  ];
  for (const [text, problem] of problems) assertRefused(`listeners=SSL://:1\n${text}`, problem);
});

Deno.test("the stores of Java are refused with the command that converts them", () => {
  const own = "listeners=SSL://:1\n";
  assertRefused(
    `${own}ssl.keystore.location=/etc/kafka/server.jks`,
    "ssl.keystore.location of the listener SSL is of the type JKS, and PEM is the one that is supported. Convert it: " +
      "keytool -importkeystore -srckeystore /etc/kafka/server.jks -destkeystore /etc/kafka/server.p12 -deststoretype PKCS12 && " +
      "openssl pkcs12 -in /etc/kafka/server.p12 -nodes -out /etc/kafka/server.pem, then set ssl.keystore.type=PEM and " +
      "ssl.keystore.location=/etc/kafka/server.pem",
  );
  assertRefused(
    `${own}ssl.keystore.type=PKCS12\nssl.keystore.location=/s.p12`,
    "ssl.keystore.location of the listener SSL is of the type PKCS12, and PEM is the one that is supported. Convert it: " +
      "openssl pkcs12 -in /s.p12 -nodes -out /s.pem",
  );
  assertRefused(
    `${own}ssl.keystore.type=PEM\nssl.keystore.location=k\nssl.truststore.location=/t.jks`,
    "ssl.truststore.location of the listener SSL is of the type JKS, and PEM is the one that is supported. Convert it: " +
      "keytool -list -rfc -keystore /t.jks > /t.pem",
  );
});

Deno.test("SASL without a mechanism that can be is refused", () => {
  const problems: [string, string][] = [
    ["", "sasl.enabled.mechanisms has GSSAPI for the listener SASL_PLAINTEXT, which is not supported"],
    ["sasl.enabled.mechanisms=PLAIN", "sasl.enabled.mechanisms names no user for PLAIN at the listener SASL_PLAINTEXT"],
    [
      "sasl.enabled.mechanisms=PLAIN\nlistener.name.sasl_plaintext.plain.sasl.jaas.config=x required;",
      "listener.name.sasl_plaintext.plain.sasl.jaas.config names no user for PLAIN",
    ],
    [
      "sasl.enabled.mechanisms=PLAIN\nlistener.name.sasl_plaintext.plain.sasl.jaas.config=x required user_a",
      "listener.name.sasl_plaintext.plain.sasl.jaas.config cannot be read: it ends where = is expected",
    ],
    [
      "sasl.enabled.mechanisms=OAUTHBEARER",
      "sasl.oauthbearer.jwks.endpoint.url is not set for the listener SASL_PLAINTEXT on 0.0.0.0: tokens that nobody has signed",
    ],
    [
      "sasl.enabled.mechanisms=OAUTHBEARER\nsasl.oauthbearer.jwks.endpoint.url=ldap://x",
      "sasl.oauthbearer.jwks.endpoint.url is ldap://x, expected a URL of https, http or file",
    ],
    [
      "sasl.enabled.mechanisms=OAUTHBEARER\nsasl.oauthbearer.jwks.endpoint.url=https://x\n" +
      'listener.name.sasl_plaintext.oauthbearer.sasl.jaas.config=a.B required ssl.truststore.location="/a/ca.jks";',
      "listener.name.sasl_plaintext.oauthbearer.sasl.jaas.config has an ssl.truststore.location of the type JKS, and PEM is " +
      'the one that is supported. Convert it: keytool -list -rfc -keystore /a/ca.jks > /a/ca.pem, then set ssl.truststore.type="PEM"',
    ],
    [
      "sasl.enabled.mechanisms=SCRAM-SHA-256\nlistener.name.sasl_plaintext.scram-sha-256.sasl.server.callback.handler.class=a.B",
      "sasl.server.callback.handler.class is a.B for SCRAM-SHA-256",
    ],
  ];
  for (const [text, problem] of problems) assertRefused(`listeners=SASL_PLAINTEXT://:1\n${text}`, problem);
});

Deno.test("on loopback the rules for tokens that nobody has signed are those of the login module", () => {
  const module = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required";
  const { settings } = load(`
    listeners=SASL_PLAINTEXT://localhost:1
    sasl.enabled.mechanisms=OAUTHBEARER
    listener.name.sasl_plaintext.oauthbearer.sasl.jaas.config=${module} unsecuredValidatorPrincipalClaimName="user" \\
      unsecuredValidatorAllowableClockSkewMs="3000" unsecuredValidatorRequiredScope="a b";
  `);
  const [mechanism] = readSaslSettings(settings, settings.listeners[0]).mechanisms;
  assertEquals(mechanism.kind === "oauthbearer" && mechanism.rules, {
    keysUrl: null,
    keysAuthoritiesPath: null,
    maxKeyAgeMs: 0,
    issuer: null,
    audience: [],
    clockSkewSeconds: 3,
    nameClaim: "user",
    scopeClaim: "scope",
    requiredScope: ["a", "b"],
  });
});

Deno.test("inter.broker.listener.name must be a listener", () => {
  assertRefused("inter.broker.listener.name=INSIDE", "inter.broker.listener.name is INSIDE, which is not in listeners");
});
