/**
 * A network in memory: connections that delay, cut what they carry into pieces, stall and break.
 *
 * Bytes of one direction arrive in order or not at all. A write is taken in pieces, while the peer's buffer has room,
 * so that whoever changes what it has handed over too early is found out.
 *
 * @module
 */
import {
  type Address,
  type Listener,
  type Network,
  NetworkError,
  type Timers,
  type Transport,
} from "../../lib/ports.ts";
import type { Draw } from "./random.ts";

/** Bytes that the system takes for a peer that does not read. */
const BUFFER_BYTES = 64 * 1024;
/** How long a piece travels, at most, in milliseconds. */
const TRAVEL_MS = 2;

/** What the network needs of its world. */
export interface NetworkWorld {
  readonly timers: Timers;
  readonly draw: Draw;
}

/** All listeners and connections of a world. */
export class SimNetwork implements Network {
  readonly #world: NetworkWorld;
  readonly #listeners = new Map<number, SimListener>();
  readonly #links = new Set<Link>();
  #nextPort = 40_000;

  constructor(world: NetworkWorld) {
    this.#world = world;
  }

  listen({ host, port }: Address): Listener {
    const address = { host, port: port === 0 ? this.#nextPort++ : port };
    if (this.#listeners.has(address.port)) throw new NetworkError("in-use", `Cannot listen on port ${port}: in use`);
    const listener = new SimListener(address, () => this.#listeners.delete(address.port));
    this.#listeners.set(address.port, listener);
    return listener;
  }

  /** The client's end of a new connection; null where nobody listens. */
  async connect(address: Address): Promise<Transport | null> {
    await new Promise<void>((resolve) => this.#world.timers.after(this.#world.draw.time(0, TRAVEL_MS), resolve));
    const listener = this.#listeners.get(address.port);
    if (listener === undefined) return null;
    const client = { host: "127.0.0.1", port: this.#nextPort++ };
    const link = new Link(this.#world, client, address, () => this.#links.delete(link));
    this.#links.add(link);
    listener.arrive(link.server);
    return link.client;
  }

  /** Breaks one of the connections, if there is any. */
  cutOne(): void {
    this.#pickLink()?.cut();
  }

  /** Nothing arrives by one of the connections for a while. */
  stallOne(durationMs: number): void {
    this.#pickLink()?.stall(durationMs);
  }

  /** The process that listened is gone: so are its connections. */
  endProcesses(): void {
    for (const listener of [...this.#listeners.values()]) listener.close();
    for (const link of [...this.#links]) link.cut();
  }

  #pickLink(): Link | undefined {
    return this.#links.size === 0 ? undefined : this.#world.draw.pick([...this.#links]);
  }
}

class SimListener implements Listener {
  readonly address: Address;
  readonly #onClose: () => void;
  readonly #arrived: Transport[] = [];
  #accepting: ((transport: Transport | null) => void) | null = null;
  #isClosed = false;

  constructor(address: Address, onClose: () => void) {
    this.address = address;
    this.#onClose = onClose;
  }

  accept(): Promise<Transport | null> {
    if (this.#isClosed) return Promise.resolve(null);
    const transport = this.#arrived.shift();
    if (transport !== undefined) return Promise.resolve(transport);
    return new Promise((resolve) => this.#accepting = resolve);
  }

  arrive(transport: Transport): void {
    const accept = this.#accepting;
    this.#accepting = null;
    if (accept === null) this.#arrived.push(transport);
    else accept(transport);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#onClose();
    this.#accepting?.(null);
    for (const transport of this.#arrived) transport.close();
  }
}

/** One connection, with an end for each side. */
class Link {
  readonly client: Transport;
  readonly server: Transport;
  readonly #pipes: readonly [Pipe, Pipe];
  readonly #onEnd: () => void;

  constructor(world: NetworkWorld, client: Address, server: Address, onEnd: () => void) {
    const there = new Pipe(world);
    const back = new Pipe(world);
    this.#pipes = [there, back];
    this.#onEnd = onEnd;
    this.client = this.#end(client, server, back, there);
    this.server = this.#end(server, client, there, back);
  }

  /** What is on its way is lost, and both sides are told. */
  cut(): void {
    for (const pipe of this.#pipes) pipe.cut();
    this.#onEnd();
  }

  stall(durationMs: number): void {
    for (const pipe of this.#pipes) pipe.stall(durationMs);
  }

  #end(local: Address, remote: Address, incoming: Pipe, outgoing: Pipe): Transport {
    return {
      local,
      remote,
      read: (into) => incoming.read(into),
      write: (chunks) => outgoing.write(chunks),
      close: () => {
        incoming.cut();
        // What was written before still arrives.
        outgoing.end();
        this.#onEnd();
      },
    };
  }
}

/** One direction of a connection. */
class Pipe {
  readonly #world: NetworkWorld;
  /** What has arrived and is not read yet. */
  readonly #arrived: Uint8Array[] = [];
  #arrivedBytes = 0;
  /** Bytes that are on their way or have arrived. */
  #heldBytes = 0;
  #reading: { readonly into: Uint8Array; readonly resolve: (count: number | null) => void } | null = null;
  #state: "open" | "ended" | "cut" = "open";
  /** True once the end itself has arrived. */
  #hasEnded = false;
  #stalledMs = 0;
  #whenRoom: (() => void)[] = [];
  /** What travels: the next piece sets out when the one before has arrived. */
  #travelling: Promise<void> = Promise.resolve();

  constructor(world: NetworkWorld) {
    this.#world = world;
  }

  read(into: Uint8Array): Promise<number | null> {
    if (this.#arrivedBytes > 0) return Promise.resolve(this.#take(into));
    if (this.#hasEnded || this.#state === "cut") return Promise.resolve(null);
    return new Promise((resolve) => this.#reading = { into, resolve });
  }

  async write(chunks: readonly Uint8Array[]): Promise<void> {
    for (const chunk of chunks) {
      for (let rest = chunk; rest.length > 0;) {
        while (this.#heldBytes >= BUFFER_BYTES && this.#state === "open") {
          await new Promise<void>((resolve) => this.#whenRoom.push(resolve));
        }
        if (this.#state !== "open") throw new Error("The connection is gone");
        const count = Math.min(rest.length, BUFFER_BYTES - this.#heldBytes);
        this.#send(rest.slice(0, count));
        rest = rest.subarray(count);
      }
    }
  }

  end(): void {
    if (this.#state !== "open") return;
    this.#state = "ended";
    this.#wakeWriters();
    this.#travelling = this.#travelling.then(() => {
      this.#hasEnded = true;
      this.#wakeReader();
    });
  }

  cut(): void {
    if (this.#state === "cut") return;
    this.#state = "cut";
    this.#arrived.length = 0;
    this.#arrivedBytes = 0;
    this.#wakeWriters();
    this.#wakeReader();
  }

  stall(durationMs: number): void {
    this.#stalledMs = durationMs;
  }

  #send(bytes: Uint8Array): void {
    this.#heldBytes += bytes.length;
    const { draw } = this.#world;
    const cutAt = bytes.length > 1 && draw.chance(0.2) ? draw.between(1, bytes.length - 1) : bytes.length;
    for (const piece of [bytes.subarray(0, cutAt), bytes.subarray(cutAt)]) {
      if (piece.length > 0) this.#travelling = this.#travelling.then(() => this.#carry(piece));
    }
  }

  async #carry(piece: Uint8Array): Promise<void> {
    const { timers, draw } = this.#world;
    const delayMs = draw.time(0, TRAVEL_MS) + this.#stalledMs;
    this.#stalledMs = 0;
    await new Promise<void>((resolve) => timers.after(delayMs, resolve));
    if (this.#state === "cut") return;
    this.#arrived.push(piece);
    this.#arrivedBytes += piece.length;
    this.#wakeReader();
  }

  #wakeReader(): void {
    const reading = this.#reading;
    if (reading === null) return;
    this.#reading = null;
    reading.resolve(this.#arrivedBytes > 0 ? this.#take(reading.into) : null);
  }

  #wakeWriters(): void {
    for (const wake of this.#whenRoom.splice(0)) wake();
  }

  /** Up to the end of a piece: a read gives what has arrived, however little. */
  #take(into: Uint8Array): number {
    const first = this.#arrived[0];
    const count = Math.min(first.length, into.length);
    into.set(first.subarray(0, count));
    if (count === first.length) this.#arrived.shift();
    else this.#arrived[0] = first.subarray(count);
    this.#arrivedBytes -= count;
    this.#heldBytes -= count;
    this.#wakeWriters();
    return count;
  }
}
