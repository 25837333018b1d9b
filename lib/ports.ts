/**
 * The ports: all of the world that the core may see.
 *
 * Everything in `lib` outside `shell/` reaches time, chance, files, sockets and compression through these interfaces, so
 * that one thread and one seed decide everything, and a simulator can run the very same broker. `shell/` implements them
 * on Deno; `shell/memory_disk.ts` and the tests implement them in memory.
 *
 * Operations that only reach the page cache (open, write, rename, list …) are synchronous: they cost a microsecond or
 * two, against thirty for a hop to a thread and back. Those that wait for a device or a peer return promises.
 *
 * @module
 */

/** The time of day. */
export interface Clock {
  /** Milliseconds since the Unix epoch; may jump when somebody sets the clock. */
  now(): number;
}

/** Measures how long something takes, on a clock that never jumps. */
export interface Stopwatch {
  /** Milliseconds since some moment, with fractions. */
  read(): number;
}

/** A scheduled callback. */
export interface Timer {
  /** Prevents the callback, if it has not run yet. */
  cancel(): void;
}

/** Callbacks in the future, on a clock that never jumps. */
export interface Timers {
  /** Runs `callback` once, `delayMs` milliseconds from now or a little later. */
  after(delayMs: number, callback: () => void): Timer;
}

/** The only source of chance. */
export interface Random {
  /** Fills `bytes` with random bytes and returns it. */
  fill(bytes: Uint8Array): Uint8Array;
}

/** A hash function, by its name in WebCrypto. */
export type HashName = "SHA-256" | "SHA-512";

/** What proves that somebody knows a secret. */
export interface Hashes {
  digest(hash: HashName, bytes: Uint8Array): Uint8Array;
  /** HMAC (RFC 2104). */
  hmac(hash: HashName, key: Uint8Array, bytes: Uint8Array): Uint8Array;
  /** A password, salted and hashed `iterations` times (PBKDF2, RFC 8018), as long as the hash. It takes milliseconds. */
  saltPassword(hash: HashName, password: string, salt: Uint8Array, iterations: number): Uint8Array;
}

/** Tokens that others have issued, as JSON (RFC 7519). */
export interface WebTokens {
  /**
   * The claims of a token, signed by one of the keys that `keysUrl` leads to: `https:`, `http:` or `file:`, as a JSON Web Key Set
   * (RFC 7517). Keys are remembered, and asked for again when they are older than `maxKeyAgeMs` or do not have the one that is
   * needed. Where `keysUrl` is null, tokens
   * that nobody has signed are good, and no others. Rejects with an error that says why, where the token is not good.
   */
  claims(token: string, rules: WebTokenRules): Promise<Readonly<Record<string, unknown>>>;
}

/** What a token must say to be good. */
export interface WebTokenRules {
  readonly keysUrl: string | null;
  /** A file of the authorities, as PEM, that a server of keys is believed by; null for those of the system. */
  readonly keysAuthoritiesPath: string | null;
  readonly maxKeyAgeMs: number;
  /** Null for any. */
  readonly issuer: string | null;
  /** The token must be for one of these; for anybody where there are none. */
  readonly audience: readonly string[];
  readonly clockSkewSeconds: number;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

/** How much a line matters, from what ends the process down to what only who searches a fault wants to read. */
export type LogLevel = "FATAL" | "ERROR" | "WARN" | "INFO" | "DEBUG" | "TRACE";

/** Where a part of the broker tells a person what it did or what they should do. One line a call, no line break at its end. */
export interface Logger {
  /** Something is lost or not served until somebody does something. */
  error(line: string): void;
  warn(line: string): void;
  info(line: string): void;
  /** Not there while nobody wants to know: `logger.debug?.(…)` does not even make the line then. */
  debug?(line: string): void;
  /** As {@linkcode debug}, of every single thing. */
  trace?(line: string): void;
}

/** Where the lines of all parts go that are to be told. `logger` is the name of the area that a line comes from. */
export interface LogSink {
  write(level: LogLevel, logger: string, line: string): void;
}

/**
 * Told of what goes on, so that somebody can watch a running broker. It keeps the time itself; what it does is done on the
 * hot path.
 */
export interface Observer {
  /** A request has come. What is returned is called when its answer is handed to the connection, with its bytes. */
  requestBegan(api: string, requestBytes: number): (responseBytes: number) => void;
  /** Records were appended to a topic, or refused. */
  produced(topic: string, records: number, bytes: number): void;
  produceFailed(topic: string): void;
  /** Records of a topic were read for a consumer, or could not be. */
  fetched(topic: string, bytes: number): void;
  fetchFailed(topic: string): void;
  /** The client that has sent a request is throttled by a quota, and its connection muted. */
  throttled(api: string, throttleTimeMs: number): void;
  /** A connection waits (`listener`), or is refused (`ip`), since connections come too fast. */
  connectionThrottled(listenerName: string, limit: "listener" | "ip", throttleTimeMs: number): void;
  /** A sync to the device has begun. What is returned is called when it is over. */
  syncBegan(): () => void;
}

/** What a {@linkcode Disk} operation failed of. */
export type DiskErrorKind = "not-found" | "exists" | "no-space" | "permission" | "locked" | "io";

/** A disk operation failed. The message names the operation and the path. */
export class DiskError extends Error {
  override name = "DiskError";
  constructor(readonly kind: DiskErrorKind, readonly path: string, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}

/** What {@linkcode Disk.statSync} tells of a file or folder. */
export interface DiskStat {
  readonly isFolder: boolean;
  /** Bytes; 0 for a folder. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly modifiedMs: number;
}

/** One name in a folder. */
export interface DiskEntry {
  readonly name: string;
  readonly isFolder: boolean;
}

/**
 * Files and folders. Paths are strings with `/` between their parts. Every operation throws, or rejects with, a
 * {@linkcode DiskError} and nothing else.
 */
export interface Disk {
  /**
   * Opens a file. `"read"` and `"write"` (which also reads) need it to be there, `"create"` makes it where it is not, and
   * `"truncate"` makes it or empties it.
   */
  openSync(path: string, mode: "read" | "write" | "create" | "truncate"): DiskFile;
  /** The names in a folder, sorted. */
  listSync(path: string): DiskEntry[];
  /** Null where nothing has that path. */
  statSync(path: string): DiskStat | null;
  /** Makes a folder and those above it; does nothing where it is there. */
  makeFolderSync(path: string): void;
  /** Renames a file or a folder; a file takes the place of the one that has the new name. */
  renameSync(from: string, to: string): void;
  /** Removes a file, or a folder with all that it contains; does nothing where there is none. */
  removeSync(path: string): void;
  /** Resolves when the names in the folder, new, renamed and removed ones, would survive a power cut. */
  syncFolder(path: string): Promise<void>;
  /** Takes the exclusive lock of a file, making it where needed, and gives it back with `release`; kind "locked" if another process has it. */
  lockSync(path: string): { release(): void };
  /** Total and free bytes of the volume that holds the path; null where it is not known. */
  volumeSync(path: string): { totalBytes: number; freeBytes: number } | null;
}

/** An open file. Positions and sizes are bytes from its start. */
export interface DiskFile {
  readonly path: string;
  sizeSync(): number;
  /** Writes all of `bytes` at `position`, growing the file as needed (a gap reads as zeros). */
  writeSync(position: number, bytes: Uint8Array): void;
  /** Reads up to `into.length` bytes from `position`; returns how many, fewer only at the end of the file. Blocks: for start-up and small reads. */
  readSync(position: number, into: Uint8Array): number;
  /** As {@linkcode readSync}, off the thread: for reads that may wait for the device. */
  read(position: number, into: Uint8Array): Promise<number>;
  /** Cuts the file to `size` bytes, or lengthens it with zeros. */
  truncateSync(size: number): void;
  /** Resolves when everything written so far would survive a power cut (`fdatasync`). Writes may go on meanwhile. */
  sync(): Promise<void>;
  /** Ends the use of the file; a second call does nothing. */
  close(): void;
}

/** A host and a port. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** One accepted connection, as a stream of bytes each way. */
export interface Transport {
  /** The address that the client connected to. */
  readonly local: Address;
  readonly remote: Address;
  /**
   * The name in the certificate that the peer has shown, and whose key it has, as RFC 2253 writes it; null where TLS asked for
   * none or was given none, and left out where there is no TLS.
   */
  readonly peerName?: string | null;
  /** Reads into the start of `into`; resolves to how many bytes, or to null when the peer has ended or the connection is gone. */
  read(into: Uint8Array): Promise<number | null>;
  /** Resolves when all the bytes are handed to the system, in order; rejects when the connection is gone. */
  write(chunks: readonly Uint8Array[]): Promise<void>;
  /** Ends the connection both ways, at once; pending reads resolve to null. */
  close(): void;
}

/** A socket that listens. */
export interface Listener {
  readonly address: Address;
  /** Resolves to the next connection, or to null when the listener is closed. */
  accept(): Promise<Transport | null>;
  close(): void;
}

/** Makes listeners. */
export interface Network {
  /**
   * Port 0 takes a free one. `warn` is told, in a line and once, when no connection can be accepted for the time being. With
   * `tls` connections are encrypted; it is asked for each connection, so that what it tells may change.
   * Throws {@linkcode NetworkError} where the address cannot be had, or its certificate cannot be used.
   */
  listen(address: Address, warn: (line: string) => void, tls?: () => TlsSettings): Listener | Promise<Listener>;
}

/** A version of TLS. */
export type TlsVersion = "TLSv1.2" | "TLSv1.3";

/** Whether clients are asked for a certificate. */
export type TlsClientAuth = "none" | "requested" | "required";

/** How a listener encrypts. All that is PEM may have text before and behind. */
export interface TlsSettings {
  /** The private key and the certificate chain of this side: as PEM, or the path of a file that has both. */
  readonly identity:
    & ({ readonly key: string; readonly certificateChain: string } | { readonly path: string })
    & { readonly keyPassword: string | null };
  /** Whose certificates count, as PEM or the path of a file of it; null where nobody's do. */
  readonly authorities: { readonly pem: string } | { readonly path: string } | null;
  readonly clientAuth: TlsClientAuth;
  /** One or more. */
  readonly versions: readonly TlsVersion[];
  /** By their names in TLS; none for the choice of the runtime. */
  readonly cipherSuites: readonly string[];
}

/** An address cannot be listened on. The message says why and what to do. */
export class NetworkError extends Error {
  override name = "NetworkError";
  constructor(readonly kind: "in-use" | "permission" | "unavailable", message: string, options?: ErrorOptions) {
    super(message, options);
  }
}

/** The compression types of record batches that change bytes, as Kafka names them. */
export type CompressionName = "gzip" | "snappy" | "lz4" | "zstd";

/** Compression in the framing that Kafka's clients use (xerial-framed Snappy, LZ4 frames). */
export interface Compressor {
  /** False where this runtime lacks the codec: such batches pass through, and what must decode one fails. */
  supports(name: CompressionName): boolean;
  /** `level` in the codec's own scale, undefined for its default. */
  compress(name: CompressionName, bytes: Uint8Array, level?: number): Uint8Array;
  /** Throws {@linkcode CompressionError} on damaged input, or when the result would exceed `maxBytes`. */
  decompress(name: CompressionName, bytes: Uint8Array, maxBytes: number): Uint8Array;
}

/** Bytes that do not decompress, or to more than allowed. */
export class CompressionError extends Error {
  override name = "CompressionError";
}
