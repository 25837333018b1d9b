/**
 * TLS of a listener: the configs `ssl.…`, read together.
 *
 * @module
 */
import type { TlsClientAuth, TlsSettings, TlsVersion } from "../../ports.ts";
import { parsePrincipalMapping } from "../../security/ssl_principal_mapper.ts";
import type { BrokerSettings } from "./settings.ts";
import { SettingsError } from "./settings_error.ts";

const TLS_VERSIONS: readonly string[] = ["TLSv1.2", "TLSv1.3"] satisfies readonly TlsVersion[];

/**
 * The TLS of a listener whose security protocol is SSL or SASL_SSL.
 *
 * @throws {SettingsError} where something is missing, or in a form that is not supported.
 */
export function readTlsSettings(settings: BrokerSettings, listener: string): TlsSettings {
  const protocols = settings.getFor(listener, "ssl.enabled.protocols");
  const unknown = protocols.find((version) => !TLS_VERSIONS.includes(version));
  if (unknown !== undefined || protocols.length === 0) {
    throw new SettingsError(
      "ssl.enabled.protocols",
      `is ${protocols.join(",") || "empty"} for the listener ${listener}, expected ${TLS_VERSIONS.join(", ")} or both`,
    );
  }
  const clientAuth = settings.getFor(listener, "ssl.client.auth") as TlsClientAuth;
  const authorities = readTrustStore(settings, listener);
  if (clientAuth !== "none" && authorities === null) {
    throw new SettingsError(
      "ssl.client.auth",
      `is ${clientAuth} for the listener ${listener}, and nothing says whose certificates count: ` +
        "set ssl.truststore.type=PEM and ssl.truststore.location",
    );
  }
  checkPrincipalMapping(settings, listener);
  return {
    identity: readKeyStore(settings, listener),
    authorities,
    clientAuth,
    versions: protocols as readonly TlsVersion[],
    cipherSuites: settings.getFor(listener, "ssl.cipher.suites"),
  };
}

function checkPrincipalMapping(settings: BrokerSettings, listener: string): void {
  try {
    parsePrincipalMapping(settings.getFor(listener, "ssl.principal.mapping.rules"));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new SettingsError("ssl.principal.mapping.rules", `cannot be read: ${error.message}`);
  }
}

function readKeyStore(settings: BrokerSettings, listener: string): TlsSettings["identity"] {
  const keyPassword = settings.getFor(listener, "ssl.key.password");
  const key = settings.getFor(listener, "ssl.keystore.key");
  const certificateChain = settings.getFor(listener, "ssl.keystore.certificate.chain");
  const path = settings.getFor(listener, "ssl.keystore.location");
  checkType(settings, listener, "keystore", path);
  if (key !== null && certificateChain !== null) return { key, certificateChain, keyPassword };
  if (key !== null || certificateChain !== null) {
    const [set, missing] = key !== null ? ["key", "certificate.chain"] : ["certificate.chain", "key"];
    throw new SettingsError(
      `ssl.keystore.${set}`,
      `is set for the listener ${listener}, and ssl.keystore.${missing} is not: they go together`,
    );
  }
  if (path !== null) return { path, keyPassword };
  throw new SettingsError(
    "listeners",
    `has the listener ${listener} with TLS, and no certificate for it: set ssl.keystore.type=PEM and ` +
      "ssl.keystore.location. `barnabas certs` makes one for development",
  );
}

function readTrustStore(settings: BrokerSettings, listener: string): TlsSettings["authorities"] {
  const pem = settings.getFor(listener, "ssl.truststore.certificates");
  const path = settings.getFor(listener, "ssl.truststore.location");
  checkType(settings, listener, "truststore", path);
  if (pem !== null) return { pem };
  return path === null ? null : { path };
}

/** Java's own stores cannot be read here, and are converted by one command. */
function checkType(
  settings: BrokerSettings,
  listener: string,
  store: "keystore" | "truststore",
  path: string | null,
): void {
  const type = settings.getFor(listener, `ssl.${store}.type`).toUpperCase();
  const isInline = store === "keystore"
    ? settings.getFor(listener, "ssl.keystore.key") !== null
    : settings.getFor(listener, "ssl.truststore.certificates") !== null;
  if (type === "PEM" || (path === null && !isInline)) return;
  const pem = `${(path ?? store).replace(/\.\w+$/, "")}.pem`;
  const convert = path === null ? "" : `. Convert it: ${conversion(type, store, path, pem)}, then set ` +
    `ssl.${store}.type=PEM and ssl.${store}.location=${pem}`;
  throw new SettingsError(
    `ssl.${store}.${path === null ? "type" : "location"}`,
    `of the listener ${listener} is of the type ${type}, and PEM is the one that is supported${convert}`,
  );
}

function conversion(type: string, store: "keystore" | "truststore", path: string, pem: string): string {
  if (store === "truststore") return `keytool -list -rfc -keystore ${path} > ${pem}`;
  const toPem = (from: string) => `openssl pkcs12 -in ${from} -nodes -out ${pem}`;
  if (type === "PKCS12") return toPem(path);
  const pkcs12 = `${pem.replace(/\.pem$/, "")}.p12`;
  return `keytool -importkeystore -srckeystore ${path} -destkeystore ${pkcs12} -deststoretype PKCS12 && ${
    toPem(pkcs12)
  }`;
}
