/**
 * Brokers and controllers as the metadata log tells them.
 *
 * @module
 */
import type {
  BrokerRegistrationChangeRecord,
  RegisterBrokerRecord,
  RegisterControllerRecord,
} from "../../protocol/records/node.ts";
import { metadataRecord } from "../record.ts";
import type { ImageRecords } from "./image.ts";

/** A broker's registration, as its record and the changes since make it. */
export type BrokerImage = RegisterBrokerRecord;
/** A controller's registration. */
export type ControllerImage = RegisterControllerRecord;

/** All registered nodes. */
export class ClusterImage {
  readonly #brokers = new Map<number, BrokerImage>();
  readonly #controllers = new Map<number, ControllerImage>();

  get brokers(): ReadonlyMap<number, BrokerImage> {
    return this.#brokers;
  }

  get controllers(): ReadonlyMap<number, ControllerImage> {
    return this.#controllers;
  }

  registerBroker(record: RegisterBrokerRecord): void {
    this.#brokers.set(record.brokerId, record);
  }

  unregisterBroker(brokerId: number): void {
    this.#brokers.delete(brokerId);
  }

  registerController(record: RegisterControllerRecord): void {
    this.#controllers.set(record.controllerId, record);
  }

  changeBroker(record: BrokerRegistrationChangeRecord): void {
    const before = this.#existing(record.brokerId);
    this.#brokers.set(record.brokerId, {
      ...before,
      fenced: record.fenced === 0 ? before.fenced : record.fenced > 0,
      inControlledShutdown: record.inControlledShutdown > 0 || before.inControlledShutdown,
      logDirs: record.logDirs.length === 0 ? before.logDirs : record.logDirs,
      cordonedLogDirs: record.cordonedLogDirs ?? before.cordonedLogDirs,
    });
  }

  setFenced(brokerId: number, fenced: boolean): void {
    this.#brokers.set(brokerId, { ...this.#existing(brokerId), fenced });
  }

  /** The records that make these registrations from nothing. */
  *records({ versions }: ImageRecords) {
    for (const broker of this.#brokers.values()) {
      yield metadataRecord("RegisterBrokerRecord", atVersion(broker, versions.registerBroker), versions.registerBroker);
    }
    for (const controller of this.#controllers.values()) yield metadataRecord("RegisterControllerRecord", controller);
  }

  #existing(brokerId: number): BrokerImage {
    const broker = this.#brokers.get(brokerId);
    if (broker === undefined) throw new Error(`The metadata log changes broker ${brokerId}, which has not registered`);
    return broker;
  }
}

/** Leaves out what the version cannot carry. */
function atVersion(broker: BrokerImage, version: number): BrokerImage {
  return {
    ...broker,
    isMigratingZkBroker: version >= 2 && broker.isMigratingZkBroker,
    logDirs: version >= 3 ? broker.logDirs : [],
    cordonedLogDirs: version >= 4 ? broker.cordonedLogDirs : null,
  };
}
