/**
 * TLS, from Deno's `node:tls`: the `Network` port for listeners that encrypt. (`Deno.listenTls` cannot ask for the certificate of
 * a client.)
 *
 * Certificates are read anew when their files have changed, or the settings; connections that are open keep theirs.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createPrivateKey, X509Certificate } from "node:crypto";
import type { AddressInfo, Socket } from "node:net";
import { createServer, type SecureContextOptions, type Server, type TLSSocket } from "node:tls";
import { type Address, type Listener, NetworkError, type TlsSettings, type Transport } from "../ports.ts";
import { subjectOf } from "../security/distinguished_name.ts";
import { explainListenError, plainAddress } from "./listen.ts";

/** How long a client may take for the handshake. */
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** How many connections may be without a handshake, or not asked for, before new ones are turned away. */
const MAX_WAITING = 1000;
/** A failed handshake is told of at most so often: strangers try ports. */
const FAILURE_INTERVAL_MS = 1000;
/** How often it is looked whether certificates have changed, at most. */
const RELOAD_CHECK_MS = 1000;
/** How long a connection that is closed may take to say so. */
const LINGER_MS = 500;

/**
 * Listens. Port 0 takes a free one; `settings` is asked for again and again, since what it tells may change.
 *
 * @throws {NetworkError} where the address cannot be had, or the certificate not be used
 */
export async function listenByTls(
  address: Address,
  warn: (line: string) => void,
  settings: () => TlsSettings,
): Promise<Listener> {
  const identity = new TlsIdentity(settings, warn);
  const { clientAuth } = settings();
  const server = createServer({
    ...identity.context,
    requestCert: clientAuth !== "none",
    rejectUnauthorized: clientAuth === "required",
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(explainListenError(error, address)));
    server.once("listening", resolve);
    server.listen({ host: address.host, port: address.port });
  });
  return new TlsListener(server, identity, clientAuth !== "none", warn);
}

class TlsListener implements Listener {
  readonly address: Address;
  readonly #server: Server;
  readonly #warn: (line: string) => void;
  readonly #asksForCertificate: boolean;
  /** Connections whose handshake is done, and that nobody has asked for yet. */
  readonly #ready: TlsTransport[] = [];
  /** All connections, and those whose handshake is done: the others are half open. */
  readonly #connections = new Set<Socket>();
  readonly #secured = new Set<TLSSocket>();
  #wake: (() => void) | null = null;
  #isClosed = false;
  #toldMs = 0;

  constructor(server: Server, identity: TlsIdentity, asksForCertificate: boolean, warn: (line: string) => void) {
    const { address, port } = server.address() as AddressInfo;
    this.address = { host: address, port };
    this.#server = server;
    this.#warn = warn;
    this.#asksForCertificate = asksForCertificate;
    // Before the server itself hears of it: so this connection has the new certificates already.
    server.prependListener("connection", (socket: Socket) => {
      identity.renew(server);
      this.#begin(socket);
    });
    server.on("secureConnection", (socket) => this.#finish(socket));
    server.on("tlsClientError", (error) => this.#tell(`TLS with a client failed: ${error.message}`));
    server.on("error", (error) => this.#tell(`Port ${port} cannot accept a connection: ${error.message}`));
  }

  async accept(): Promise<Transport | null> {
    while (this.#ready.length === 0 && !this.#isClosed) await new Promise<void>((resolve) => this.#wake = resolve);
    return this.#ready.shift() ?? null;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#server.close();
    for (const transport of this.#ready.splice(0)) transport.close();
    for (const socket of this.#connections) if (!this.#isSecured(socket)) socket.destroy();
    this.#wake?.();
  }

  /** A client that has not shown anything yet: many of them must not take the place of others for long. */
  #begin(socket: Socket): void {
    const halfOpen = this.#connections.size - this.#secured.size;
    if (this.#isClosed || halfOpen + this.#ready.length >= MAX_WAITING) {
      socket.destroy();
      this.#tell(`A connection to port ${this.address.port} was turned away: ${halfOpen} others have not finished TLS`);
      return;
    }
    socket.setNoDelay(true);
    // A peer whose machine is gone does not say so.
    socket.setKeepAlive(true);
    this.#connections.add(socket);
    socket.once("close", () => this.#connections.delete(socket));
  }

  #finish(socket: TLSSocket): void {
    this.#secured.add(socket);
    socket.once("close", () => this.#secured.delete(socket));
    // An error that nobody hears would end the process.
    socket.on("error", () => {});
    const certificate = this.#asksForCertificate ? socket.getPeerCertificate(true)?.raw : undefined;
    // Whoever shows a certificate must show a good one, also where none would do.
    if (this.#isClosed || (certificate !== undefined && !socket.authorized)) {
      this.#tell(`TLS with a client failed: its certificate is not good: ${socket.authorizationError}`);
      socket.destroy();
      return;
    }
    this.#ready.push(new TlsTransport(socket, certificate === undefined ? null : subjectOf(certificate)));
    this.#wake?.();
  }

  #isSecured(socket: Socket): boolean {
    return [...this.#secured].some(({ remotePort, remoteAddress }) =>
      remotePort === socket.remotePort && remoteAddress === socket.remoteAddress
    );
  }

  #tell(line: string): void {
    if (Date.now() - this.#toldMs < FAILURE_INTERVAL_MS || this.#isClosed) return;
    this.#toldMs = Date.now();
    this.#warn(line);
  }
}

/** The certificates of a listener, as they are now. */
class TlsIdentity {
  readonly #settings: () => TlsSettings;
  readonly #warn: (line: string) => void;
  #loaded: Loaded;
  #checkedMs = Date.now();

  constructor(settings: () => TlsSettings, warn: (line: string) => void) {
    this.#settings = settings;
    this.#warn = warn;
    this.#loaded = load(settings());
  }

  get context(): SecureContextOptions {
    return this.#loaded.context;
  }

  /** Gives new certificates to the server, where there are. Ones that cannot be used are told of, and the old ones stay. */
  renew(server: Server): void {
    if (Date.now() - this.#checkedMs < RELOAD_CHECK_MS) return;
    this.#checkedMs = Date.now();
    try {
      const settings = this.#settings();
      if (stampOf(settings) === this.#loaded.stamp) return;
      this.#loaded = load(settings);
      server.setSecureContext(this.#loaded.context);
      this.#warn("New certificates are in use for connections from now on");
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      this.#warn(`${error.message}. The certificates that were in use before are kept`);
    }
  }
}

interface Loaded {
  readonly context: SecureContextOptions;
  /** Changes when the settings change, or a file. */
  readonly stamp: string;
}

function load(settings: TlsSettings): Loaded {
  const stamp = stampOf(settings);
  const { identity, authorities, versions, cipherSuites } = settings;
  const { key, certificateChain } = "path" in identity ? splitKeyStore(identity.path) : identity;
  const ca = authorities === null ? undefined : "pem" in authorities ? authorities.pem : readText(authorities.path);
  const sorted = [...versions].sort();
  const context: SecureContextOptions = {
    key: openKey(key, certificateChain, identity),
    cert: certificateChain,
    ca: ca === undefined ? undefined : certificatesIn(ca),
    ciphers: cipherSuites.length === 0 ? undefined : cipherSuites.join(":"),
    minVersion: sorted[0],
    maxVersion: sorted.at(-1),
  };
  return { context, stamp };
}

/** The private key without its password, once it is seen that it belongs to the first certificate. */
function openKey(pem: string, certificateChain: string, identity: TlsSettings["identity"]): string {
  try {
    const key = createPrivateKey({ key: pem, passphrase: identity.keyPassword ?? undefined });
    if (!new X509Certificate(certificateChain).checkPrivateKey(key)) {
      throw new Error("the private key and the first certificate do not belong together");
    }
    return key.export({ type: "pkcs8", format: "pem" }) as string;
  } catch (error) {
    throw unusable(identity, error);
  }
}

function unusable(identity: TlsSettings["identity"], error: unknown): NetworkError {
  // Where this is missing, so is a server that could ask clients for their certificates.
  if (error instanceof Error && error.message.startsWith("Not implemented: crypto.X509Certificate")) {
    return new NetworkError("unavailable", `TLS needs a newer Deno than ${Deno.version.deno}`, { cause: error });
  }
  const where = "path" in identity ? identity.path : "ssl.keystore.key and ssl.keystore.certificate.chain";
  const reason = error instanceof Error ? error.message : String(error);
  return new NetworkError("unavailable", `Cannot use the certificate in ${where}: ${reason}`, { cause: error });
}

const PEM = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;

function splitKeyStore(path: string): { key: string; certificateChain: string } {
  const blocks = [...readText(path).matchAll(PEM)];
  const key = blocks.find(([, label]) => label.endsWith("PRIVATE KEY"))?.[0];
  const certificates = blocks.filter(([, label]) => label === "CERTIFICATE").map(([block]) => block);
  if (key !== undefined && certificates.length > 0) return { key, certificateChain: certificates.join("\n") };
  const missing = key === undefined ? "private key (BEGIN PRIVATE KEY)" : "certificate (BEGIN CERTIFICATE)";
  throw new NetworkError("unavailable", `Cannot use ${path}, the ssl.keystore.location: it has no ${missing} as PEM`);
}

function certificatesIn(pem: string): string[] {
  return [...pem.matchAll(PEM)].map(([block]) => block);
}

function readText(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound ? "there is no such file" : (error as Error).message;
    throw new NetworkError("unavailable", `Cannot read ${path}: ${reason}`, { cause: error });
  }
}

/** The settings as text, with the time of change and the size of each file. */
function stampOf(settings: TlsSettings): string {
  const paths = [settings.identity, settings.authorities].flatMap((part) =>
    part !== null && "path" in part ? [part.path] : []
  );
  const files = paths.map((path) => {
    try {
      const { mtime, size, ino } = Deno.statSync(path);
      return [mtime?.getTime(), size, ino];
    } catch {
      return null;
    }
  });
  return JSON.stringify([settings, files]);
}

class TlsTransport implements Transport {
  readonly #socket: TLSSocket;
  readonly local: Address;
  readonly remote: Address;
  readonly peerName: string | null;
  /** What was deciphered, and not asked for yet. */
  #rest: Uint8Array = new Uint8Array(0);
  #hasEnded = false;
  #isClosed = false;
  #wake: (() => void) | null = null;

  constructor(socket: TLSSocket, peerName: string | null) {
    this.#socket = socket;
    this.local = plainAddress(socket.localAddress ?? "", socket.localPort ?? 0);
    this.remote = plainAddress(socket.remoteAddress ?? "", socket.remotePort ?? 0);
    this.peerName = peerName;
    socket.on("readable", () => this.#wake?.());
    for (const event of ["end", "close", "error"]) {
      socket.on(event, () => {
        this.#hasEnded = true;
        this.#wake?.();
      });
    }
  }

  async read(into: Uint8Array): Promise<number | null> {
    while (this.#rest.length === 0 && !this.#isClosed) {
      const chunk = this.#socket.read() as Uint8Array | null;
      if (chunk !== null) this.#rest = chunk;
      else if (this.#hasEnded) return null;
      else await new Promise<void>((resolve) => this.#wake = resolve);
    }
    if (this.#isClosed) return null;
    const count = Math.min(into.length, this.#rest.length);
    into.set(this.#rest.subarray(0, count));
    this.#rest = this.#rest.subarray(count);
    return count;
  }

  write(chunks: readonly Uint8Array[]): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#hasEnded || this.#isClosed) return reject(new Error("the connection is gone"));
      this.#socket.once("close", reject);
      this.#socket.write(Buffer.concat(chunks), (error) => {
        this.#socket.off("close", reject);
        if (error) reject(error);
        else resolve();
      });
    });
  }

  /** What was written goes out, and the peer is told that no more comes, if it takes it soon. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#wake?.();
    const timer = setTimeout(() => this.#socket.destroy(), LINGER_MS);
    this.#socket.end(() => {
      clearTimeout(timer);
      this.#socket.destroy();
    });
  }
}
