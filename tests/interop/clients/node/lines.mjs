import { readFileSync } from "node:fs";

// One call of send() becomes one batch, which the broker's max.message.bytes limits.
const MAX_BATCH_BYTES = 500_000;
const MAX_BATCH_RECORDS = 2_000;

/** The lines of a file that ends with one, in batches of a size that a broker takes. */
export function* batchesOfLines(file) {
  let batch = [];
  let sizeInBytes = 0;
  for (const line of lines(readFileSync(file))) {
    if (batch.length === MAX_BATCH_RECORDS || (batch.length > 0 && sizeInBytes + line.length > MAX_BATCH_BYTES)) {
      yield batch;
      batch = [];
      sizeInBytes = 0;
    }
    batch.push(line);
    sizeInBytes += line.length;
  }
  if (batch.length > 0) yield batch;
}

function* lines(content) {
  for (let start = 0; start < content.length;) {
    const end = content.indexOf("\n", start);
    yield content.subarray(start, end);
    start = end + 1;
  }
}
