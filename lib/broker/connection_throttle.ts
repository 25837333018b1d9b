/**
 * Keeps clients from connecting faster than they may (KIP-612): what `quotas/connection_quotas.ts` decides is done here.
 *
 * @module
 */
import type { BrokerServices } from "../api/mod.ts";
import type { Transport } from "../ports.ts";

/** The most connections that are held before they are refused; of more, each is refused at once. */
const MAX_HELD_CONNECTIONS = 1000;

export class ConnectionThrottle {
  readonly #services: BrokerServices;
  /** Ends each pause that somebody waits for. */
  readonly #pauses = new Set<() => void>();
  #heldCount = 0;
  #isClosed = false;

  constructor(services: BrokerServices) {
    this.#services = services;
  }

  /** Resolves when the connection that has come may be looked at: where they come too fast, it waits, and those behind it. */
  async pace(listenerName: string): Promise<void> {
    const { settings, quotas, clock, observer } = this.#services;
    const limits = {
      broker: settings.get("max.connection.creation.rate"),
      listener: settings.getFor(listenerName, "max.connection.creation.rate"),
    };
    const throttleTimeMs = quotas.connections.record(listenerName, limits, clock.now());
    if (throttleTimeMs === 0) return;
    observer?.connectionThrottled(listenerName, "listener", throttleTimeMs);
    await this.#pause(throttleTimeMs);
  }

  /**
   * Whether the address that a connection comes from has used up its quota. The connection is held then, unread, and closed
   * after a while: who is refused at once comes again at once.
   */
  refuses(transport: Transport, listenerName: string): boolean {
    const { quotas, clock, observer } = this.#services;
    const throttleTimeMs = quotas.connections.recordAddress(transport.remote.host, listenerName, clock.now());
    if (throttleTimeMs === 0) return false;
    observer?.connectionThrottled(listenerName, "ip", throttleTimeMs);
    void this.#hold(transport, throttleTimeMs);
    return true;
  }

  /** Lets everything go that waits. */
  close(): void {
    this.#isClosed = true;
    for (const end of [...this.#pauses]) end();
  }

  async #hold(transport: Transport, throttleTimeMs: number): Promise<void> {
    if (this.#heldCount < MAX_HELD_CONNECTIONS) {
      this.#heldCount++;
      await this.#pause(throttleTimeMs);
      this.#heldCount--;
    }
    transport.close();
  }

  #pause(delayMs: number): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        timer.cancel();
        this.#pauses.delete(end);
        resolve();
      };
      const timer = this.#services.timers.after(delayMs, end);
      this.#pauses.add(end);
    });
  }
}
