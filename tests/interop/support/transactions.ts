/**
 * Waiting for Apache Kafka, which answers requests of transactions before it is ready for the next one.
 *
 * @module
 */
import { ErrorCode } from "../../../lib/protocol/error_code.ts";
import {
  DescribeTransactionsRequest,
  DescribeTransactionsResponse,
} from "../../../lib/protocol/messages/describe_transactions.ts";
import { FindCoordinatorRequest, FindCoordinatorResponse } from "../../../lib/protocol/messages/find_coordinator.ts";
import { committedOffset } from "../../api/handlers/transactional_producer.ts";
import type { RawClient } from "./raw_client.ts";

const DEADLINE_MS = 30_000;
const POLL_MS = 20;

/** What it says while it is busy with a transaction, a topic or a producer id. */
const BUSY: ReadonlySet<number> = new Set([
  ErrorCode.CONCURRENT_TRANSACTIONS,
  ErrorCode.NOT_ENOUGH_REPLICAS,
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.NOT_LEADER_OR_FOLLOWER,
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
]);

/** Waits until it is so, or for long. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!await isSo() && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}

/** Asks until the broker is not busy any more; resolves to the error then. */
export async function untilAnswered(ask: () => Promise<number>): Promise<number> {
  let errorCode = -1;
  await until(async () => !BUSY.has(errorCode = await ask()));
  return errorCode;
}

/** Waits until a group and transactional ids are coordinated, and what is kept of them is loaded. */
export async function untilCoordinated(asked: RawClient, groupId: string, transactionalIds: string[]): Promise<void> {
  for (const keyType of [0, 1]) {
    await until(async () => {
      const { coordinators } = await asked.ask(FindCoordinatorRequest, FindCoordinatorResponse, 4, {
        keyType,
        coordinatorKeys: ["any"],
      });
      return coordinators[0].errorCode === ErrorCode.NONE;
    });
  }
  const loading = [ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, ErrorCode.NOT_COORDINATOR].map((code) => `error ${code}`);
  await until(async () => !loading.includes(String(await committedOffset(asked, groupId, "t"))));
  await until(async () => {
    const { transactionStates } = await asked.ask(DescribeTransactionsRequest, DescribeTransactionsResponse, 0, {
      transactionalIds,
    });
    return transactionStates.every(({ errorCode }) =>
      errorCode === ErrorCode.NONE || errorCode === ErrorCode.TRANSACTIONAL_ID_NOT_FOUND
    );
  });
}
