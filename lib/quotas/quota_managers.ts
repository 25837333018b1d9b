/**
 * All quotas of a broker, kept in step with the metadata.
 *
 * @module
 */
import type { QuotasImage } from "../metadata/image/quotas_image.ts";
import type { Clock, Stopwatch } from "../ports.ts";
import { ClientQuotaManager } from "./client_quota_manager.ts";
import { ConnectionQuotas } from "./connection_quotas.ts";
import { ControllerMutationQuotaManager } from "./controller_mutation_quota_manager.ts";
import { RequestThrottle } from "./request_throttle.ts";
import type { QuotaWindows } from "./sampled_rate.ts";

export interface QuotaOptions {
  /** The quotas that are set now. */
  readonly quotas: () => Pick<QuotasImage, "all" | "revision">;
  /** `quota.window.num`, `quota.window.size.seconds`. */
  readonly windows: QuotaWindows;
  /** `controller.quota.window.num`, `controller.quota.window.size.seconds`. */
  readonly controllerWindows: QuotaWindows;
  readonly clock: Clock;
  readonly stopwatch: Stopwatch;
}

export class QuotaManagers {
  readonly produce: ClientQuotaManager;
  readonly fetch: ClientQuotaManager;
  readonly request: ClientQuotaManager;
  readonly controllerMutation: ControllerMutationQuotaManager;
  readonly #connections: ConnectionQuotas;
  readonly #options: QuotaOptions;
  /** Of the quotas that the managers have. */
  #revision = -1;
  #hasClientQuotas = false;

  constructor(options: QuotaOptions) {
    const { windows, controllerWindows } = options;
    this.#options = options;
    this.produce = new ClientQuotaManager("producer_byte_rate", windows);
    this.fetch = new ClientQuotaManager("consumer_byte_rate", windows);
    this.request = new ClientQuotaManager("request_percentage", windows, windows.windowSizeMs);
    this.controllerMutation = new ControllerMutationQuotaManager("controller_mutation_rate", controllerWindows);
    this.#connections = new ConnectionQuotas(windows);
  }

  get connections(): ConnectionQuotas {
    this.#refresh();
    return this.#connections;
  }

  /** What measures one request of so many bytes; null where no client is bound, and nothing is to be measured. */
  throttleFor(user: string, clientId: string | null, requestBytes: number): RequestThrottle | null {
    this.#refresh();
    if (!this.#hasClientQuotas) return null;
    // As Apache Kafka has it, a client without an id is one whose id is empty.
    return new RequestThrottle(this, { user, clientId: clientId ?? "" }, requestBytes, this.#options);
  }

  /** Takes over what has changed. To look for a new number on each request costs less than to be told. */
  #refresh(): void {
    const quotas = this.#options.quotas();
    if (quotas.revision === this.#revision) return;
    this.#revision = quotas.revision;
    const clientQuotas = [this.produce, this.fetch, this.request, this.controllerMutation];
    for (const manager of clientQuotas) manager.update(quotas.all());
    this.#hasClientQuotas = clientQuotas.some(({ isEnabled }) => isEnabled);
    this.#connections.update(quotas.all());
  }
}
