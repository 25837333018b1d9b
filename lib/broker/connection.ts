/**
 * One connection: requests in the order in which they come, answers in the same order.
 *
 * | request is | event                                   | next     |
 * | ---------- | --------------------------------------- | -------- |
 * | waiting    | all before it are done, or it and all before it that are not are pipelined | running |
 * | running    | its handler answers                     | done     |
 * | done       | all before it are sent                  | sent     |
 *
 * Backpressure: while too many requests are not answered yet, or too many bytes of answers wait for a peer that does not
 * read them, nothing more is read from it, and nothing that it has asked is begun. One that reads nothing for
 * `connections.max.idle.ms` is let go.
 *
 * Throttling (KIP-219): a client that has used up a quota is answered all the same, and then muted for as long as its
 * answer tells: nothing is read from it, and nothing that it has asked is begun.
 *
 * @module
 */
import {
  type AnswerMemory,
  type BrokerServices,
  type Call,
  type ClientConnection,
  decodeCall,
  peer,
} from "../api/mod.ts";
import { DecodeError } from "../bytes/mod.ts";
import type { Address, Logger, Timer, Transport } from "../ports.ts";
import type { KafkaPrincipal } from "../security/mod.ts";
import { Framer } from "../wire/mod.ts";
import type { AnswerReader, RequestMemory } from "./request_memory.ts";
import type { SaslGate } from "./sasl_gate.ts";

/** The most requests of one connection that are held; a client has five under way by default. */
const MAX_REQUESTS_HELD = 100;
/** The most bytes of finished answers that wait for a slow reader before nothing more is done for it. */
const MAX_UNSENT_BYTES = 1024 * 1024;
/** Answers are handed to the system in pieces of at most this size: so it shows whether the peer reads at all. */
const WRITE_BYTES = 4 * 1024 * 1024;

/** How often it is looked whether others take too long, where there is no memory for what arrives. */
const ROOM_CHECK_MS = 1000;

/** How long a client that has ended its side is answered what it asked before: it may have gone altogether. */
const FAREWELL_MS = 30_000;

/** How long a client may take until it has said who it is. */
const AUTHENTICATION_TIMEOUT_MS = 30_000;

/** A request on its way through the table above. */
interface Exchange {
  readonly call: Call;
  readonly frame: Uint8Array;
  state: "waiting" | "running" | "done";
  response: Uint8Array[] | null;
  /** Tells whoever watches that it is answered. */
  readonly ended: ((responseBytes: number) => void) | undefined;
}

/** How a client came in. */
export interface Admission {
  readonly listenerName: string;
  readonly principal: KafkaPrincipal;
  /** Where the listener authenticates by SASL, the gate of the connection; it says who the client is then. */
  readonly newGate?: (connection: ClientConnection, services: BrokerServices) => SaslGate;
}

export class Connection implements ClientConnection, AnswerReader {
  readonly listenerName: string;
  readonly #principal: KafkaPrincipal;
  /** Null on a listener that does not authenticate by SASL. */
  readonly #gate: SaslGate | null;
  clientSoftware: ClientConnection["clientSoftware"] = null;
  readonly #transport: Transport;
  readonly #services: BrokerServices;
  readonly #logger: Logger;
  readonly #memory: RequestMemory;
  readonly #framer: Framer;
  readonly #exchanges: Exchange[] = [];
  #unsentBytes = 0;
  #isSending = false;
  /** Whether the end of the peer would be seen. */
  #isReading = false;
  /** Whether the peer has ended its side. */
  #hasEnded = false;
  #isClosed = false;
  #lastActiveMs: number;
  #idleTimer: Timer | null = null;
  /** Runs while the connection is muted. */
  #muteTimer: Timer | null = null;
  #mutedUntilMs = 0;
  /** Wakes the read loop, when it waits for room. */
  #wake: (() => void) | null = null;
  /** Runs while what was asked waits until others have read their answers. */
  #answerTimer: Timer | null = null;
  readonly #closedListeners = new Set<() => void>();

  /**
   * @param admission the listener by which the client came, and who it is
   * @param memory what all connections share
   */
  constructor(transport: Transport, admission: Admission, services: BrokerServices, memory: RequestMemory) {
    this.#transport = transport;
    this.listenerName = admission.listenerName;
    this.#principal = admission.principal;
    this.#gate = admission.newGate?.(this, services) ?? null;
    this.#services = services;
    this.#memory = memory;
    this.#framer = new Framer(services.settings.socketRequestMaxBytes, memory);
    if (this.#gate !== null) this.#beginAuthentication(this.#gate);
    this.#logger = services.loggers.of("kafka.network");
    this.#logger.debug?.(`Connection of ${peer(this)} opened on ${this.listenerName}`);
    this.#lastActiveMs = services.clock.now();
    this.#armIdleTimer(services.settings.connectionsMaxIdleMs);
  }

  get principal(): KafkaPrincipal {
    return this.#gate === null ? this.#principal : this.#gate.principal;
  }

  get local(): Address {
    return this.#transport.local;
  }

  get remote(): Address {
    return this.#transport.remote;
  }

  /** When something last came or went, in milliseconds since the epoch. */
  get lastActiveMs(): number {
    return this.#lastActiveMs;
  }

  get answerMemory(): AnswerMemory {
    return this.#memory.answers;
  }

  giveUpReader(): void {
    this.#logger.warn(
      `Connection of ${peer(this)} closed: it does not read its answer, and others wait for the memory`,
    );
    this.close();
  }

  onClosed(listener: () => void): { stop(): void } {
    this.#closedListeners.add(listener);
    // Not at once: whoever asks is not ready yet.
    if (this.#hasEnded || this.#isClosed) {
      Promise.resolve().then(() => this.#closedListeners.has(listener) && listener());
    }
    return { stop: () => this.#closedListeners.delete(listener) };
  }

  /** Serves the connection; resolves when it has ended. */
  async serve(): Promise<void> {
    try {
      await this.#readFrames();
      await this.#bidFarewell();
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#logger.warn(`Connection of ${peer(this)} closed: ${error.message}`);
    } finally {
      this.#framer.close();
      this.close();
    }
  }

  /** Ends the connection at once. Requests that run go on; their answers go nowhere. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#logger.debug?.(`Connection of ${peer(this)}${softwareOf(this)} closed`);
    this.#idleTimer?.cancel();
    this.#muteTimer?.cancel();
    this.#transport.close();
    this.#memory.arrived(this);
    this.#memory.answers.ends(this);
    this.#answerTimer?.cancel();
    this.#wake?.();
    // What has not started never will; what runs gives its memory back when it is done.
    for (const exchange of this.#exchanges) {
      if (exchange.state === "waiting") this.#memory.release(exchange.frame.length);
    }
    this.#noteSent(this.#unsentBytes);
    this.#tellOfEnd();
  }

  #tellOfEnd(): void {
    for (const listener of [...this.#closedListeners]) listener();
  }

  async #readFrames(): Promise<void> {
    while (!this.#isClosed) {
      const space = await this.#spaceToRead();
      if (space === null) return;
      this.#isReading = true;
      const count = await this.#transport.read(space);
      this.#isReading = false;
      if (count === null) return;
      this.#lastActiveMs = this.#services.clock.now();
      this.#framer.advance(count);
      await this.#untilRoom();
      for (let frame = this.#framer.next(); frame !== null && !this.#isClosed; frame = this.#framer.next()) {
        this.#memory.arrived(this);
        if (this.#gate !== null && !this.#gate.passes(frame)) {
          await this.#authenticate(frame, this.#gate);
          continue;
        }
        this.#accept(frame);
        while (this.#isFull() && !this.#isClosed) await this.#change();
        await this.#untilRoom();
      }
    }
  }

  /** Until requests may be begun. */
  async #untilRoom(): Promise<void> {
    while (this.#memory.isExhausted && !this.#isClosed) await this.#memory.change();
  }

  /** Where the next bytes belong, as soon as there is memory for them; null where the connection ends before. */
  async #spaceToRead(): Promise<Uint8Array | null> {
    const { clock, timers } = this.#services;
    let space = this.#framer.space();
    while (space.length === 0 && !this.#isClosed) {
      const room = this.#memory.roomToArrive(clock.now());
      await new Promise<void>((resolve) => {
        const timer = timers.after(ROOM_CHECK_MS, resolve);
        room.then(() => (timer.cancel(), resolve()));
      });
      if (!this.#isClosed) space = this.#framer.space();
    }
    if (this.#isClosed) return null;
    if (this.#framer.isWithinLarge) this.#memory.arrives(this, clock.now(), () => this.#giveUpArrival());
    return space;
  }

  #giveUpArrival(): void {
    this.#logger.warn(
      `Connection of ${peer(this)} closed: its request takes too long to arrive, and others wait for the memory`,
    );
    this.close();
  }

  /** Before a client has said who it is, it may not send much, nor take long. */
  #beginAuthentication({ settings }: SaslGate): void {
    this.#framer.limitTo(settings.maxReceiveBytes, "sasl.server.max.receive.size");
    const timer = this.#services.timers.after(AUTHENTICATION_TIMEOUT_MS, () => {
      if (this.#gate!.isOpen) return;
      this.#logger.warn(`Connection of ${peer(this)} closed: it has not authenticated in time`);
      this.close();
    });
    this.onClosed(() => timer.cancel());
  }

  /** Has the gate look at a frame. What was asked before is answered before. */
  async #authenticate(frame: Uint8Array, gate: SaslGate): Promise<void> {
    await this.#untilAnswered();
    const outcome = await gate.handle(frame);
    if (outcome.isRefused) {
      this.#services.auditLogger.warn(`Connection of ${peer(this)} closed: ${outcome.reason}`);
      // So that nobody tries many passwords in a short time.
      await new Promise<void>((resolve) => this.#services.timers.after(gate.settings.failureDelayMs, resolve));
    }
    if (outcome.answer !== null && !this.#isClosed) {
      this.#noteUnsent(sizeOf(outcome.answer));
      await this.#write(outcome.answer);
    }
    if (outcome.isRefused) this.close();
    else if (gate.isOpen) this.#framer.limitTo(this.#services.settings.socketRequestMaxBytes);
  }

  /**
   * After the peer has ended its side: what it asked before is still answered. But nothing waits for its sake any more, since
   * most peers that have ended their side have ended altogether.
   */
  async #bidFarewell(): Promise<void> {
    this.#hasEnded = true;
    this.#tellOfEnd();
    // One that reads a long answer takes its time; the idle timer looks after it.
    const timer = this.#services.timers.after(FAREWELL_MS, () => this.#isSending || this.close());
    await this.#untilAnswered();
    timer.cancel();
  }

  async #untilAnswered(): Promise<void> {
    while ((this.#exchanges.length > 0 || this.#isSending) && !this.#isClosed) await this.#change();
  }

  #isFull(): boolean {
    return this.#exchanges.length >= MAX_REQUESTS_HELD || this.#unsentBytes >= MAX_UNSENT_BYTES ||
      this.#muteTimer !== null;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#wake = resolve);
  }

  #accept(frame: Uint8Array): void {
    const call = decodeCall(frame, this.#services, this);
    this.#memory.take(frame.length);
    const ended = this.#services.observer?.requestBegan(call.apiName, frame.length);
    this.#exchanges.push({ call, frame, state: "waiting", response: null, ended });
    this.#startWaiting();
  }

  /** Starts each request whose turn has come. */
  #startWaiting(): void {
    let allPipelined = true;
    let allDone = true;
    for (const exchange of this.#exchanges) {
      if (exchange.state === "waiting") {
        const mayStart = allDone || (allPipelined && exchange.call.isPipelined);
        if (!mayStart || this.#isClosed || this.#unsentBytes >= MAX_UNSENT_BYTES || this.#muteTimer !== null) return;
        if (this.#memory.answers.isExhausted) return this.#startLater();
        this.#run(exchange);
      }
      if (exchange.state !== "done") {
        allDone = false;
        allPipelined &&= exchange.call.isPipelined;
      }
    }
  }

  /** As soon as there is memory for answers. */
  #startLater(): void {
    if (this.#answerTimer !== null) return;
    const { answers } = this.#memory;
    const check = () => {
      answers.giveUpSlow(this.#services.clock.now());
      if (answers.isExhausted && !this.#isClosed) this.#answerTimer = this.#services.timers.after(ROOM_CHECK_MS, check);
    };
    this.#answerTimer = this.#services.timers.after(ROOM_CHECK_MS, check);
    answers.whenRoom(() => {
      this.#answerTimer?.cancel();
      this.#answerTimer = null;
      this.#startWaiting();
    });
  }

  #run(exchange: Exchange): void {
    exchange.state = "running";
    // A handler that throws has a broken invariant: nothing that it could answer would be true.
    const { fatal } = this.#services;
    try {
      const response = exchange.call.start();
      if (!(response instanceof Promise)) return this.#finish(exchange, response);
      if (exchange.call.throttle !== null) this.#mute(exchange.call.throttle.throttleTimeMs);
      response.then((response) => {
        this.#finish(exchange, response);
        this.#startWaiting();
      }, fatal);
    } catch (error) {
      fatal(error);
    }
  }

  #finish(exchange: Exchange, response: Uint8Array[] | null): void {
    exchange.state = "done";
    exchange.response = response;
    this.#memory.release(exchange.frame.length);
    if (exchange.call.isFrameReusable) this.#memory.buffers.giveBack(exchange.frame);
    if (this.#isClosed) return;
    if (exchange.call.throttle !== null) this.#mute(exchange.call.throttle.throttleTimeMs);
    this.#noteUnsent(sizeOf(response ?? []));
    this.#send();
  }

  /**
   * What runs goes on, and what is answered is sent. A request that is throttled mutes from its start, so that those that
   * are pipelined behind it wait, and once more from its end. Of several that are, the one that ends last counts.
   */
  #mute(throttleTimeMs: number): void {
    if (throttleTimeMs === 0) return;
    const untilMs = this.#services.clock.now() + throttleTimeMs;
    if (this.#muteTimer !== null && untilMs <= this.#mutedUntilMs) return;
    this.#muteTimer?.cancel();
    this.#mutedUntilMs = untilMs;
    this.#muteTimer = this.#services.timers.after(throttleTimeMs, () => {
      this.#muteTimer = null;
      this.#lastActiveMs = this.#services.clock.now();
      this.#startWaiting();
      this.#wakeReader();
    });
  }

  /** Sends the answers at the head of the line, as they are done, until none is. */
  async #send(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    // Not at once: one sync of the log answers many requests, and what is done in the same turn goes out in one write.
    await Promise.resolve();
    while (!this.#isClosed && this.#exchanges[0]?.state === "done") {
      const chunks = this.#takeDone();
      if (chunks.length > 0 && !await this.#write(chunks)) return;
      for (const chunk of chunks) this.#services.logs.readBuffers.giveBack(chunk);
      this.#startWaiting();
      this.#wakeReader();
    }
    this.#isSending = false;
    this.#wakeReader();
  }

  #takeDone(): Uint8Array[] {
    let chunks: Uint8Array[] | null = null;
    while (this.#exchanges[0]?.state === "done") {
      const { response, ended } = this.#exchanges.shift()!;
      // Most often there is one, which is as good as a copy of it.
      if (chunks === null) chunks = response;
      else if (response !== null) chunks.push(...response);
      ended?.(sizeOf(response ?? []));
    }
    return chunks ?? [];
  }

  /** Resolves to false where the peer is gone. */
  #write(chunks: readonly Uint8Array[]): Promise<boolean> {
    const size = sizeOf(chunks);
    return size <= WRITE_BYTES ? this.#writePiece(chunks, size) : this.#writePieces(chunks);
  }

  async #writePieces(chunks: readonly Uint8Array[]): Promise<boolean> {
    for (const piece of pieces(chunks)) {
      if (!await this.#writePiece(piece, sizeOf(piece))) return false;
    }
    return true;
  }

  async #writePiece(piece: readonly Uint8Array[], size: number): Promise<boolean> {
    const { answers } = this.#memory;
    this.#lastActiveMs = this.#services.clock.now();
    answers.progresses(this, this.#lastActiveMs);
    try {
      await this.#transport.write(piece);
    } catch {
      this.close();
    }
    if (this.#isClosed) return false;
    answers.ends(this);
    this.#noteSent(size);
    this.#lastActiveMs = this.#services.clock.now();
    return true;
  }

  #noteUnsent(bytes: number): void {
    this.#unsentBytes += bytes;
    this.#memory.answers.take(bytes);
  }

  #noteSent(bytes: number): void {
    this.#unsentBytes -= bytes;
    this.#memory.answers.release(bytes);
  }

  #wakeReader(): void {
    this.#wake?.();
    this.#wake = null;
  }

  /**
   * Closes the connection when it was idle for `connections.max.idle.ms`. One that waits for an answer is not idle, as long as
   * its end would be seen, nor is one that is muted; one that does not read its answer is.
   */
  #armIdleTimer(maxIdleMs: number): void {
    this.#idleTimer = this.#services.timers.after(maxIdleMs, () => {
      const isWaiting = this.#exchanges.length > 0 && this.#isReading;
      if ((isWaiting || this.#muteTimer !== null) && !this.#isSending) {
        return this.#armIdleTimer(this.#services.settings.connectionsMaxIdleMs);
      }
      const idleMs = this.#services.clock.now() - this.#lastActiveMs;
      const leftMs = this.#services.settings.connectionsMaxIdleMs - idleMs;
      if (leftMs > 0) this.#armIdleTimer(leftMs);
      else this.close();
    });
  }
}

/** What a client calls its software, for a person. */
function softwareOf({ clientSoftware }: ClientConnection): string {
  return clientSoftware === null ? "" : ` (${clientSoftware.name} ${clientSoftware.version})`;
}

function sizeOf(chunks: readonly Uint8Array[]): number {
  let size = 0;
  for (let index = 0; index < chunks.length; index++) size += chunks[index].length;
  return size;
}

/** Chunks in groups of {@linkcode WRITE_BYTES} or less; larger ones are cut. */
function* pieces(chunks: readonly Uint8Array[]): Generator<Uint8Array[]> {
  let piece: Uint8Array[] = [];
  let left = WRITE_BYTES;
  for (let chunk of chunks) {
    while (chunk.length > left) {
      piece.push(chunk.subarray(0, left));
      yield piece;
      chunk = chunk.subarray(left);
      piece = [];
      left = WRITE_BYTES;
    }
    piece.push(chunk);
    left -= chunk.length;
  }
  yield piece;
}
