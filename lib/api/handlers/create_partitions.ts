/**
 * CreatePartitions: gives topics more partitions (KIP-195).
 *
 * The answer comes when every new partition can be written.
 *
 * @module
 */
import { CreatePartitionsRequest, CreatePartitionsResponse } from "../../protocol/messages/create_partitions.ts";
import type { Init } from "../../protocol/schema.ts";
import { api } from "../api.ts";
import type { RequestContext } from "../context.ts";

export const createPartitionsApi = api(CreatePartitionsRequest, CreatePartitionsResponse, handleCreatePartitions);

async function handleCreatePartitions(
  request: CreatePartitionsRequest,
  context: RequestContext,
): Promise<Init<CreatePartitionsResponse>> {
  return { results: await context.metadata.createPartitions(request) };
}
