/**
 * TCP, and TLS on it, from Deno: the `Network` port.
 *
 * @module
 */
import { concat } from "@std/bytes";
import { type Address, type Listener, type Network, NetworkError, type Transport } from "../ports.ts";

/** Up to this many bytes, chunks are joined: one copy is cheaper than one more system call. */
const JOIN_BYTES = 32 * 1024;

export const tcp: Network = {
  listen(address, warn, tls) {
    if (tls === undefined) return new TcpListener(open(address), warn);
    // Loaded when it is needed: a broker without TLS should not wait for it.
    return import("./tls.ts").then(({ listenByTls }) => listenByTls(address, warn, tls));
  },
};

function open(address: Address): Deno.TcpListener {
  try {
    return Deno.listen({ hostname: address.host, port: address.port, transport: "tcp" });
  } catch (error) {
    throw explainListenError(error, address);
  }
}

/** What to tell a person of an address that cannot be listened on. */
export function explainListenError(error: unknown, { host, port }: Address): NetworkError {
  const where = `${host}:${port}`;
  const options = { cause: error };
  // Node's part of the runtime has codes in the place of classes.
  const { code } = error as { code?: string };
  if (error instanceof Deno.errors.AddrInUse || code === "EADDRINUSE") {
    return new NetworkError(
      "in-use",
      `Cannot listen on ${where}: another program does. Stop it, or choose another port with --port`,
      options,
    );
  }
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable || code === "EACCES") {
    return new NetworkError(
      "permission",
      `Cannot listen on ${where}: not permitted. Choose a port above 1023 with --port`,
      options,
    );
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new NetworkError("unavailable", `Cannot listen on ${where}: ${reason}. Check the listeners setting`, options);
}

class TcpListener implements Listener {
  readonly #listener: Deno.TcpListener;
  readonly #warn: (line: string) => void;
  readonly address: Address;
  /** True while the last thing that was told of accepting was bad. */
  #hasWarned = false;

  constructor(listener: Deno.TcpListener, warn: (line: string) => void) {
    this.#listener = listener;
    this.#warn = warn;
    this.address = asAddress(listener.addr);
  }

  async accept(): Promise<Transport | null> {
    for (;;) {
      try {
        const transport = asTransport(await this.#listener.accept());
        this.#hasWarned = false;
        if (transport !== null) return transport;
      } catch (error) {
        if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) return null;
        // A passing lack of file handles, most likely: the listener itself is sound.
        if (!(error instanceof Error)) throw error;
        this.#tell(error);
        await new Promise((resolve) => setTimeout(resolve, ACCEPT_RETRY_MS));
      }
    }
  }

  close(): void {
    this.#listener.close();
  }

  #tell(error: Error): void {
    if (this.#hasWarned || error instanceof Deno.errors.ConnectionAborted) return;
    this.#hasWarned = true;
    this.#warn(
      `No client can connect to port ${this.address.port} for the time being: ${error.message}. ` +
        "If there are too many open files, raise their limit (ulimit -n)",
    );
  }
}

/** Null where the client is gone again. */
function asTransport(connection: Deno.TcpConn): Transport | null {
  try {
    connection.setNoDelay(true);
    // A peer whose machine is gone does not say so.
    connection.setKeepAlive(true);
    return new TcpTransport(connection);
  } catch {
    connection.close();
    return null;
  }
}

/** How long to wait after a failed accept, so that a lack of file handles does not keep the processor busy. */
const ACCEPT_RETRY_MS = 10;

class TcpTransport implements Transport {
  readonly #connection: Deno.TcpConn;
  readonly local: Address;
  readonly remote: Address;
  #isClosed = false;

  constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
    this.local = asAddress(connection.localAddr);
    this.remote = asAddress(connection.remoteAddr);
  }

  async read(into: Uint8Array): Promise<number | null> {
    try {
      return await this.#connection.read(into);
    } catch {
      return null;
    }
  }

  async write(chunks: readonly Uint8Array[]): Promise<void> {
    const parts = chunks.length === 1 ? chunks : joinSmall(chunks);
    for (const part of parts) {
      let written = 0;
      while (written < part.length) {
        written += await this.#connection.write(written === 0 ? part : part.subarray(written));
      }
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      this.#connection.close();
    } catch {
      // Gone already: that is what was wanted.
    }
  }
}

function asAddress({ hostname, port }: Deno.NetAddr): Address {
  return plainAddress(hostname, port);
}

/** An IPv4 client of a dual-stack socket is shown by its IPv4 address, as it knows itself. */
export function plainAddress(host: string, port: number): Address {
  return { host: host.replace(/^::ffff:(?=\d+\.)/, ""), port };
}

/** Joins neighbouring chunks up to {@linkcode JOIN_BYTES}; larger ones go as they are. */
function* joinSmall(chunks: readonly Uint8Array[]): Generator<Uint8Array> {
  let small: Uint8Array[] = [];
  let smallBytes = 0;
  for (const chunk of chunks) {
    if (smallBytes + chunk.length > JOIN_BYTES && small.length > 0) {
      yield small.length === 1 ? small[0] : concat(small);
      small = [];
      smallBytes = 0;
    }
    if (chunk.length > JOIN_BYTES) {
      yield chunk;
    } else {
      small.push(chunk);
      smallBytes += chunk.length;
    }
  }
  if (small.length > 0) yield small.length === 1 ? small[0] : concat(small);
}
