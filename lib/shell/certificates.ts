/**
 * Making certificates for development: an authority, and what it signs. ECDSA on the curve P-256, which every TLS library
 * of Kafka's clients knows.
 *
 * @module
 */
import type { AuthorityKeyIdentifierExtension, Extension, X509Certificate } from "@peculiar/x509";

type X509 = typeof import("@peculiar/x509");

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY_MS = 24 * 60 * 60 * 1000;
/** Clocks differ: what is made now is good an hour ago. */
const BACKDATED_MS = 60 * 60 * 1000;
const SERIAL_BYTES = 16;

/** A private key and its certificate, both as PEM. */
export interface KeyAndCertificate {
  /** PKCS#8, not encrypted. */
  readonly key: string;
  readonly certificate: string;
}

/** Whom a certificate is for. */
export interface CertificateRequest {
  /** Its common name, the name of the principal. */
  readonly name: string;
  /** The names and addresses by which clients reach a server; none for a client. */
  readonly hosts: readonly string[];
  readonly validDays: number;
}

/** An authority that signs certificates. */
export class CertificateAuthority {
  readonly #x509: X509;
  readonly #certificate: X509Certificate;
  readonly #key: CryptoKey;
  /** Its key and certificate. */
  readonly pem: KeyAndCertificate;

  private constructor(x509: X509, certificate: X509Certificate, key: CryptoKey, pem: KeyAndCertificate) {
    this.#x509 = x509;
    this.#certificate = certificate;
    this.#key = key;
    this.pem = pem;
  }

  /** Makes a new authority of that name, which signs itself. */
  static async create(name: string, validDays: number): Promise<CertificateAuthority> {
    const x509 = await load();
    const keys = await newKeys();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      ...validity(validDays),
      serialNumber: newSerialNumber(),
      name: [{ CN: [name] }],
      keys,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    const pem = { key: await keyToPem(x509, keys.privateKey), certificate: `${certificate.toString("pem")}\n` };
    return new CertificateAuthority(x509, certificate, keys.privateKey, pem);
  }

  /**
   * The authority that has been made before.
   *
   * @throws {Error} where that is no authority of ours
   */
  static async open(pem: KeyAndCertificate): Promise<CertificateAuthority> {
    const x509 = await load();
    const [key] = x509.PemConverter.decode(pem.key);
    const imported = await crypto.subtle.importKey("pkcs8", key, ALGORITHM, true, ["sign"]);
    return new CertificateAuthority(x509, new x509.X509Certificate(pem.certificate), imported, pem);
  }

  /** Makes a key and signs its certificate: for a server where the request names hosts, else for a client. */
  async issue({ name, hosts, validDays }: CertificateRequest): Promise<KeyAndCertificate> {
    const x509 = this.#x509;
    const keys = await newKeys();
    const usage = hosts.length > 0 ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth;
    const certificate = await x509.X509CertificateGenerator.create({
      ...validity(validDays),
      serialNumber: newSerialNumber(),
      subject: [{ CN: [name] }],
      issuer: this.#certificate.subjectName.toJSON(),
      publicKey: keys.publicKey,
      signingKey: this.#key,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([usage]),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        await this.#keyIdentifier(),
        ...this.#alternativeNames(hosts),
      ],
    });
    return { key: await keyToPem(x509, keys.privateKey), certificate: `${certificate.toString("pem")}\n` };
  }

  #keyIdentifier(): Promise<AuthorityKeyIdentifierExtension> {
    return this.#x509.AuthorityKeyIdentifierExtension.create(this.#certificate.publicKey);
  }

  #alternativeNames(hosts: readonly string[]): Extension[] {
    if (hosts.length === 0) return [];
    const isAddress = (host: string) => /^[\d.]+$/.test(host) || host.includes(":");
    const names = hosts.map((value) => ({ type: isAddress(value) ? "ip" as const : "dns" as const, value }));
    return [new this.#x509.SubjectAlternativeNameExtension(names)];
  }
}

/** The library is large, and a broker without TLS should not wait for it. */
async function load(): Promise<X509> {
  // It finds its parts by what decorators say of them, which takes this.
  await import("reflect-metadata");
  return await import("@peculiar/x509");
}

function newKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]) as Promise<CryptoKeyPair>;
}

async function keyToPem(x509: X509, key: CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await crypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY")}\n`;
}

function validity(days: number): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - BACKDATED_MS), notAfter: new Date(now + days * DAY_MS) };
}

/** Positive, and too random to come twice. */
function newSerialNumber(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(SERIAL_BYTES));
  bytes[0] = (bytes[0] & 0x7f) | 0x40;
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Writes a file that others may not read, as long as there is none; says whether there was none. */
export function writePrivateFile(path: string, text: string): boolean {
  try {
    Deno.writeTextFileSync(path, text, { createNew: true, mode: 0o600 });
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
}
