/**
 * Metrics for Prometheus, by the names that dashboards for Apache Kafka use: those of its JMX beans as the JMX exporter
 * spells them, and for groups those of kafka_exporter. What Kafka has no name for begins with `barnabas_`.
 *
 * The library is loaded when somebody wants metrics, since it would take a tenth of the time that a start takes.
 *
 * @module
 */
import process from "node:process";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Inventory } from "../monitoring/mod.ts";
import type { Observer } from "../ports.ts";
import { VERSION } from "../version.ts";

/** From a tenth of a millisecond to ten seconds. */
const DURATION_BUCKETS = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];
const CPU_SECONDS = "process_cpu_seconds_total";
/** How often it is looked how late the event loop is. */
const LOOP_SAMPLE_MS = 100;

/** Keeps what an observer is told, and prints it. */
export class PrometheusMetrics implements Observer {
  readonly #registry = new Registry();
  readonly #topicCounters: Counter[] = [];
  /** Those that anything was told of. */
  readonly #topics = new Set<string>();
  readonly #requests = this.#counter("kafka_network_requestmetrics_requests_total", "Requests", ["request"]);
  readonly #requestBytes = this.#counter("kafka_network_requestmetrics_requestbytes_total", "Bytes of requests", [
    "request",
  ]);
  readonly #responseBytes = this.#counter("kafka_network_requestmetrics_responsebytes_total", "Bytes of responses", [
    "request",
  ]);
  readonly #requestSeconds = this.#histogram(
    "kafka_network_requestmetrics_totaltime_seconds",
    "From the arrival of a request until its response is handed to the connection",
    ["request"],
  );
  readonly #throttleSeconds = this.#histogram(
    "kafka_network_requestmetrics_throttletime_seconds",
    "For how long clients are muted by a quota, of the requests for which they are",
    ["request"],
  );
  readonly #connectionThrottleSeconds = {
    listener: this.#histogram(
      "kafka_server_socketservermetrics_connection_accept_throttle_time_seconds",
      "How long connections wait that come faster than max.connection.creation.rate",
      ["listener"],
    ),
    ip: this.#histogram(
      "kafka_server_socketservermetrics_ip_connection_accept_throttle_time_seconds",
      "How long connections are held, and then refused, of addresses that are beyond their quota",
      ["listener"],
    ),
  };
  readonly #messagesIn = this.#topicCounter("messagesin", "Records appended");
  readonly #bytesIn = this.#topicCounter("bytesin", "Bytes of batches appended");
  readonly #bytesOut = this.#topicCounter("bytesout", "Bytes of batches given to consumers");
  readonly #produceRequests = this.#topicCounter("totalproducerequests", "Appends asked for");
  readonly #failedProduceRequests = this.#topicCounter("failedproducerequests", "Appends refused");
  readonly #fetchRequests = this.#topicCounter("totalfetchrequests", "Reads asked for");
  readonly #failedFetchRequests = this.#topicCounter("failedfetchrequests", "Reads that failed");
  readonly #syncSeconds = this.#histogram("kafka_log_logflushstats_logflushtime_seconds", "Syncs of logs", []);
  readonly #loopSeconds = this.#histogram("barnabas_event_loop_delay_seconds", "How late the event loop is", []);
  readonly #loopSampling: ReturnType<typeof setInterval>;

  constructor() {
    this.#set("barnabas_build_info", "The version of the broker", [[{ version: VERSION }, 1]]);
    this.#set("process_start_time_seconds", "When the process began", [[{}, Date.now() / 1000 - process.uptime()]]);
    this.#loopSampling = this.#sampleLoop();
  }

  requestBegan(request: string, requestBytes: number): (responseBytes: number) => void {
    const began = performance.now();
    return (responseBytes) => {
      const labels = { request };
      this.#requests.inc(labels);
      this.#requestBytes.inc(labels, requestBytes);
      this.#responseBytes.inc(labels, responseBytes);
      this.#requestSeconds.observe(labels, (performance.now() - began) / 1000);
    };
  }

  produced(topic: string, records: number, bytes: number): void {
    this.#topics.add(topic);
    const labels = { topic };
    this.#produceRequests.inc(labels);
    this.#messagesIn.inc(labels, records);
    this.#bytesIn.inc(labels, bytes);
  }

  produceFailed(topic: string): void {
    this.#topics.add(topic);
    this.#produceRequests.inc({ topic });
    this.#failedProduceRequests.inc({ topic });
  }

  fetched(topic: string, bytes: number): void {
    this.#topics.add(topic);
    this.#fetchRequests.inc({ topic });
    this.#bytesOut.inc({ topic }, bytes);
  }

  fetchFailed(topic: string): void {
    this.#topics.add(topic);
    this.#fetchRequests.inc({ topic });
    this.#failedFetchRequests.inc({ topic });
  }

  throttled(request: string, throttleTimeMs: number): void {
    this.#throttleSeconds.observe({ request }, throttleTimeMs / 1000);
  }

  connectionThrottled(listener: string, limit: "listener" | "ip", throttleTimeMs: number): void {
    this.#connectionThrottleSeconds[limit].observe({ listener }, throttleTimeMs / 1000);
  }

  syncBegan(): () => void {
    const began = performance.now();
    return () => this.#syncSeconds.observe((performance.now() - began) / 1000);
  }

  /** All metrics in Prometheus' text format, with what the broker holds now. */
  print(inventory: Inventory): Promise<string> {
    this.#forgetTopics(new Set(inventory.partitions.map(({ topic }) => topic)));
    this.#setProcess();
    this.#setBroker(inventory);
    this.#setPartitions(inventory);
    this.#setGroups(inventory);
    return this.#registry.metrics();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  close(): void {
    clearInterval(this.#loopSampling);
  }

  /** Topics that are gone are told of no more: who makes topics and deletes them must not fill the memory. */
  #forgetTopics(existing: ReadonlySet<string>): void {
    for (const topic of this.#topics) {
      if (existing.has(topic)) continue;
      this.#topics.delete(topic);
      for (const counter of this.#topicCounters) counter.remove({ topic });
    }
  }

  #setProcess(): void {
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed, external } = Deno.memoryUsage();
    this.#registry.removeSingleMetric(CPU_SECONDS);
    this.#counter(CPU_SECONDS, "Processor time, of all threads", []).inc((user + system) / 1e6);
    this.#set("process_resident_memory_bytes", "Memory that the process holds", [[{}, rss]]);
    this.#set("barnabas_heap_bytes", "JavaScript objects, and buffers beside them", [
      [{ kind: "heap" }, heapUsed],
      [{ kind: "external" }, external],
    ]);
  }

  #setBroker(
    { connections, topicCount, partitions, offlinePartitionCount, directories, requestBytes }: Inventory,
  ): void {
    this.#set(
      "kafka_server_socketservermetrics_connection_count",
      "Open connections",
      Array.from(connections, ([listener, count]) => [{ listener }, count]),
    );
    this.#set("kafka_controller_kafkacontroller_activecontrollercount", "1: it controls itself", [[{}, 1]]);
    this.#set("kafka_controller_kafkacontroller_globaltopiccount", "Topics", [[{}, topicCount]]);
    this.#set("kafka_controller_kafkacontroller_globalpartitioncount", "Partitions", [
      [{}, partitions.length + offlinePartitionCount],
    ]);
    this.#set("kafka_controller_kafkacontroller_offlinepartitionscount", "Partitions that nobody serves", [
      [{}, offlinePartitionCount],
    ]);
    this.#set("kafka_server_replicamanager_partitioncount", "Partitions that are served", [[{}, partitions.length]]);
    this.#set("kafka_server_replicamanager_leadercount", "Partitions that are led", [[{}, partitions.length]]);
    this.#set("kafka_server_replicamanager_underreplicatedpartitions", "0: there is one copy", [[{}, 0]]);
    this.#set(
      "kafka_log_logmanager_logdirectoryoffline",
      "1 for a log directory that is offline",
      directories.map(({ path, isOffline }) => [{ log_directory: path }, isOffline ? 1 : 0]),
    );
    this.#set(
      "barnabas_log_directory_free_bytes",
      "Room on the device of a log directory",
      directories.flatMap(({ path, freeBytes }) => freeBytes < 0 ? [] : [[{ log_directory: path }, freeBytes]]),
    );
    this.#set("barnabas_request_bytes", "Bytes of requests under way", [[{}, requestBytes]]);
  }

  #setPartitions({ partitions }: Inventory): void {
    const labelled = partitions.map((figures) => ({
      ...figures,
      labels: { topic: figures.topic, partition: String(figures.partition) },
    }));
    this.#set("kafka_log_log_size", "Bytes of a partition", labelled.map((one) => [one.labels, one.sizeInBytes]));
    this.#set(
      "kafka_log_log_logstartoffset",
      "The first offset that can be read",
      labelled.map((one) => [one.labels, one.logStartOffset]),
    );
    this.#set(
      "kafka_log_log_logendoffset",
      "The offset that the next record gets",
      labelled.map((one) => [one.labels, one.logEndOffset]),
    );
  }

  #setGroups({ groups }: Inventory): void {
    const offsets = groups.flatMap(({ groupId, offsets }) =>
      offsets.map(({ topic, partition, committedOffset, lag }) => ({
        labels: { consumergroup: groupId, topic, partition: String(partition) },
        committedOffset,
        lag,
      }))
    );
    this.#set(
      "kafka_consumergroup_current_offset",
      "The offset that a group has committed",
      offsets.map(({ labels, committedOffset }) => [labels, committedOffset]),
    );
    this.#set(
      "kafka_consumergroup_lag",
      "Records behind the committed offset",
      offsets.flatMap(({ labels, lag }) => lag === null ? [] : [[labels, lag]]),
    );
    const counts = new Map<string, { labels: Labels; count: number }>();
    for (const { type, state } of groups) {
      const known = counts.get(`${type} ${state}`);
      if (known === undefined) counts.set(`${type} ${state}`, { labels: { type, state }, count: 1 });
      else known.count++;
    }
    this.#set(
      "kafka_coordinator_groups",
      "Groups",
      Array.from(counts.values(), ({ labels, count }) => [labels, count]),
    );
  }

  #sampleLoop(): ReturnType<typeof setInterval> {
    let expected = performance.now() + LOOP_SAMPLE_MS;
    const sampling = setInterval(() => {
      const now = performance.now();
      this.#loopSeconds.observe(Math.max(0, now - expected) / 1000);
      expected = now + LOOP_SAMPLE_MS;
    }, LOOP_SAMPLE_MS);
    // It must not keep a process alive that has nothing else to do.
    Deno.unrefTimer(sampling as unknown as number);
    return sampling;
  }

  #topicCounter(name: string, help: string): Counter {
    const counter = this.#counter(`kafka_server_brokertopicmetrics_${name}_total`, help, ["topic"]);
    this.#topicCounters.push(counter);
    return counter;
  }

  #counter(name: string, help: string, labelNames: string[]): Counter {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }

  #histogram(name: string, help: string, labelNames: string[]): Histogram {
    return new Histogram({ name, help, labelNames, buckets: DURATION_BUCKETS, registers: [this.#registry] });
  }

  /** Sets all values of a gauge: what is not among them is gone. Without any there is no gauge, rather than one that is 0. */
  #set(name: string, help: string, values: readonly (readonly [Labels, number] | (Labels | number)[])[]): void {
    this.#registry.removeSingleMetric(name);
    if (values.length === 0) return;
    const labelNames = Object.keys(values[0][0]);
    const gauge = new Gauge({ name, help, labelNames, registers: [this.#registry] });
    for (const [labels, value] of values) gauge.set(labels as Labels, value as number);
  }
}

type Labels = Record<string, string>;
