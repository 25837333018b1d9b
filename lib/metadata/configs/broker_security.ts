/**
 * The broker configs of encryption, authentication and authorization.
 *
 * @module
 */
import { anyList, atLeast, between, nonNull, oneOf, oneOfIgnoringCase } from "./check.ts";
import {
  accepted,
  boolean,
  defineConfigs,
  double,
  ignored,
  int,
  javaClass,
  list,
  long,
  password,
  short,
  string,
  unsupported,
} from "./definition.ts";

/** Configs of security. */
export const BROKER_SECURITY_CONFIGS = defineConfigs({
  "sasl.enabled.mechanisms": list("GSSAPI", anyList).perBroker(
    "The SASL mechanisms of a listener: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER. GSSAPI (Kerberos) is not supported.",
  ),
  "sasl.jaas.config": password().perBroker(
    "The login module of a mechanism and its options, in the form of a JAAS file; for PLAIN it has the users.",
  ),
  "sasl.server.callback.handler.class": javaClass(null).readOnly(
    "The class that checks credentials; only the names of Apache Kafka's own are known here.",
  ),
  "sasl.server.max.receive.size": int(524288).readOnly(
    "The largest request, in bytes, that a client may send before it is authenticated.",
  ),
  "sasl.oauthbearer.clock.skew.seconds": int(30).readOnly(
    "By how many seconds the clock of who issues OAUTHBEARER tokens may differ.",
  ),
  "sasl.oauthbearer.expected.audience": list("", anyList).readOnly(
    "The audiences of which an OAUTHBEARER token must name one; any is taken where there are none.",
  ),
  "sasl.oauthbearer.expected.issuer": string(null).readOnly("The issuer that an OAUTHBEARER token must name."),
  "sasl.oauthbearer.jwks.endpoint.refresh.ms": long(3_600_000).readOnly(
    "After how many milliseconds the keys that sign OAUTHBEARER tokens are fetched again.",
  ),
  "sasl.oauthbearer.jwks.endpoint.url": string(null).readOnly(
    "Where the keys are that sign OAUTHBEARER tokens (JWKS), as a URL of http, https or file; without it unsigned tokens are taken, on loopback alone.",
  ),
  "sasl.oauthbearer.scope.claim.name": string("scope").readOnly(
    "The claim of an OAUTHBEARER token that has its scope.",
  ),
  "sasl.oauthbearer.sub.claim.name": string("sub").readOnly(
    "The claim of an OAUTHBEARER token that names the principal.",
  ),
  "ssl.cipher.suites": list("", anyList).perBroker(
    "The cipher suites of a listener, by their names in TLS; the runtime's own choice where there are none.",
  ),
  "ssl.client.auth": string("none", oneOf("required", "requested", "none")).perBroker(
    "Whether clients must show a certificate (required), may (requested), or are not asked (none).",
  ),
  "ssl.enabled.protocols": list("TLSv1.2,TLSv1.3", anyList).perBroker("The versions of TLS that a listener speaks."),
  "ssl.key.password": password().perBroker("The password of the private key, where it is encrypted."),
  "ssl.keystore.certificate.chain": password().perBroker(
    "The certificate of the broker, and those that lead to its authority, as PEM.",
  ),
  "ssl.keystore.key": password().perBroker("The private key of the broker, as PEM in the form PKCS#8."),
  "ssl.keystore.location": string(null).perBroker(
    "A PEM file with the private key of the broker and its certificate chain.",
  ),
  "ssl.keystore.password": password().perBroker(
    "The password of a key store; PEM files have none but ssl.key.password.",
  ),
  "ssl.keystore.type": string("JKS").perBroker("The form of the key store; PEM is the one that is supported."),
  "ssl.principal.mapping.rules": string("DEFAULT").readOnly(
    "Rules that make the name of a principal of the name in a client's certificate.",
  ),
  "ssl.truststore.certificates": password().perBroker("The authorities of the certificates of clients, as PEM."),
  "ssl.truststore.location": string(null).perBroker(
    "A PEM file with the authorities of the certificates of clients.",
  ),
  "ssl.truststore.password": password().perBroker("The password of a trust store; PEM files have none."),
  "ssl.truststore.type": string("JKS").perBroker("The form of the trust store; PEM is the one that is supported."),
  "connection.failed.authentication.delay.ms": int(100, atLeast(0)).readOnly(
    "How many milliseconds a client waits for the news that its authentication has failed.",
  ),
  "connections.max.reauth.ms": long(0).readOnly(
    "After how many milliseconds a client must authenticate anew (KIP-368); 0 for never, but when its credentials expire.",
  ),
  "authorizer.class.name": string("", nonNull).readOnly(
    "Who judges what clients may do: org.apache.kafka.metadata.authorizer.StandardAuthorizer, by access control lists, or nobody.",
  ),
  "delegation.token.secret.key": password().readOnly(
    "The secret of which delegation tokens are made (KIP-48); without it there are none.",
  ),
  "delegation.token.max.lifetime.ms": long(604_800_000, atLeast(1)).readOnly(
    "How many milliseconds a delegation token can be good at most, however often it is renewed.",
  ),
  "delegation.token.expiry.time.ms": long(86_400_000, atLeast(1)).readOnly(
    "For how many milliseconds a delegation token is good, from when it is made or renewed.",
  ),
  "delegation.token.expiry.check.interval.ms": long(3_600_000, atLeast(1)).readOnly(
    "After how many milliseconds delegation tokens that have expired are removed.",
  ),
  ...ignored("GSSAPI (Kerberos) is not supported.", {
    "sasl.kerberos.kinit.cmd": string("/usr/bin/kinit").perBroker(),
    "sasl.kerberos.min.time.before.relogin": long(60000).perBroker(),
    "sasl.kerberos.principal.to.local.rules": list("DEFAULT", anyList).perBroker(),
    "sasl.kerberos.service.name": string(null).perBroker(),
    "sasl.kerberos.ticket.renew.jitter": double(0.05).perBroker(),
    "sasl.kerberos.ticket.renew.window.factor": double(0.8).perBroker(),
  }),
  ...unsupported("There are no Java classes to load.", {
    "principal.builder.class": javaClass("org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder")
      .perBroker(),
    "ssl.engine.factory.class": javaClass(null).perBroker(),
    "security.providers": string(null),
  }),
  ...ignored("There are no Java classes to load.", {
    "sasl.client.callback.handler.class": javaClass(null),
    "sasl.login.callback.handler.class": javaClass(null),
    "sasl.login.class": javaClass(null),
    "sasl.oauthbearer.jwt.retriever.class": javaClass(
      "org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever",
    ),
    "sasl.oauthbearer.jwt.validator.class": javaClass(
      "org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator",
    ),
  }),
  ...accepted("It tunes Java's own security, in whose place the runtime's stands.", {
    "sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms": long(10000),
    "sasl.oauthbearer.jwks.endpoint.retry.backoff.ms": long(100),
    "ssl.allow.dn.changes": boolean(false),
    "ssl.allow.san.changes": boolean(false),
    "ssl.keymanager.algorithm": string("SunX509").perBroker(),
    "ssl.protocol": string("TLSv1.3").perBroker(),
    "ssl.provider": string(null).perBroker(),
    "ssl.secure.random.implementation": string(null).perBroker(),
    "ssl.trustmanager.algorithm": string("PKIX").perBroker(),
  }),
  ...accepted("The broker is no client of other brokers, and logs in nowhere.", {
    "sasl.login.connect.timeout.ms": int(null),
    "sasl.login.read.timeout.ms": int(null),
    "sasl.login.refresh.buffer.seconds": short(300).perBroker(),
    "sasl.login.refresh.min.period.seconds": short(60).perBroker(),
    "sasl.login.refresh.window.factor": double(0.8).perBroker(),
    "sasl.login.refresh.window.jitter": double(0.05).perBroker(),
    "sasl.login.retry.backoff.max.ms": long(10000),
    "sasl.login.retry.backoff.ms": long(100),
    "sasl.mechanism.controller.protocol": string("GSSAPI"),
    "sasl.mechanism.inter.broker.protocol": string("GSSAPI").perBroker(),
    "sasl.oauthbearer.assertion.algorithm": string("RS256", oneOfIgnoringCase("ES256", "RS256")),
    "sasl.oauthbearer.assertion.claim.aud": string(null),
    "sasl.oauthbearer.assertion.claim.exp.seconds": int(300, between(0, 86400)),
    "sasl.oauthbearer.assertion.claim.iss": string(null),
    "sasl.oauthbearer.assertion.claim.jti.include": boolean(false),
    "sasl.oauthbearer.assertion.claim.nbf.seconds": int(60, between(0, 3600)),
    "sasl.oauthbearer.assertion.claim.sub": string(null),
    "sasl.oauthbearer.assertion.file": string(null),
    "sasl.oauthbearer.assertion.private.key.file": string(null),
    "sasl.oauthbearer.assertion.private.key.passphrase": password(),
    "sasl.oauthbearer.assertion.template.file": string(null),
    "sasl.oauthbearer.client.credentials.client.id": string(null),
    "sasl.oauthbearer.client.credentials.client.secret": password(),
    "sasl.oauthbearer.scope": string(null),
    "sasl.oauthbearer.token.endpoint.url": string(null),
    "ssl.endpoint.identification.algorithm": string("https").perBroker(),
  }),
});
