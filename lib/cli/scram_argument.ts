/**
 * The argument of `format --add-scram`, as Apache Kafka's own tool takes it:
 * `SCRAM-SHA-256=[name=alice,password=alice-secret,iterations=8192]`.
 *
 * @module
 */
import type { MetadataRecord } from "../protocol/records/logs.ts";
import { metadataRecord } from "../metadata/record.ts";
import { credentialOf, MAX_ITERATIONS, MIN_ITERATIONS, SCRAM_MECHANISMS } from "../security/sasl/scram.ts";
import { fromBase64, toBase64 } from "../security/sasl/text.ts";
import { utf8 } from "../bytes/mod.ts";
import { systemRandom } from "../shell/clock.ts";
import { runtimeHashes } from "../shell/hashes.ts";
import { UserError } from "./program.ts";

const KEYS = ["name", "password", "salt", "saltedpassword", "iterations"];
const SALT_BYTES = 18;

/**
 * The record that sets the credential.
 *
 * @throws {UserError}
 */
export function scramRecord(argument: string): MetadataRecord {
  const parts = /^\s*([^=]+)=\[(.*)\]\s*$/.exec(argument);
  if (parts === null) {
    throw new UserError(
      `Cannot read --add-scram ${withoutSecrets(argument)}: expected SCRAM-SHA-256=[name=NAME,password=PASSWORD]`,
    );
  }
  const mechanism = SCRAM_MECHANISMS.find(({ name }) => name === parts[1]);
  if (mechanism === undefined) {
    const names = SCRAM_MECHANISMS.map(({ name }) => name).join(" or ");
    throw new UserError(`Cannot read --add-scram: there is no mechanism ${parts[1]}, expected ${names}`);
  }
  const fields = readFields(parts[2]);
  const iterations = readIterations(fields.get("iterations"));
  const salt = readBase64("salt", fields) ?? utf8(toBase64(systemRandom.fill(new Uint8Array(SALT_BYTES))));
  const saltedPassword = readBase64("saltedpassword", fields) ??
    runtimeHashes.saltPassword(mechanism.hash, fields.get("password")!, salt, iterations);
  return metadataRecord("UserScramCredentialRecord", {
    name: fields.get("name")!,
    mechanism: mechanism.type,
    ...credentialOf(mechanism.hash, { salt, saltedPassword, iterations }, runtimeHashes),
  });
}

function readFields(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const part of text.split(",")) {
    const [, key, value] = /^\s*(\w+)\s*=\s*"?(.*?)"?\s*$/.exec(part) ?? [];
    if (!KEYS.includes(key)) {
      throw new UserError(`Cannot read --add-scram: expected ${KEYS.join(", ")}, each with a value`);
    }
    fields.set(key, value);
  }
  if (!fields.get("name")) throw new UserError("Cannot read --add-scram: name is missing");
  if (!fields.get("password") && !fields.has("saltedpassword")) {
    throw new UserError("Cannot read --add-scram: password is missing, or saltedpassword with its salt");
  }
  if (fields.has("saltedpassword") && !fields.has("salt")) {
    throw new UserError("Cannot read --add-scram: saltedpassword needs the salt that it was made with");
  }
  return fields;
}

function readIterations(text = String(MIN_ITERATIONS)): number {
  const iterations = Number(text);
  if (Number.isInteger(iterations) && iterations >= MIN_ITERATIONS && iterations <= MAX_ITERATIONS) return iterations;
  throw new UserError(
    `Cannot read --add-scram: iterations is ${text}, expected ${MIN_ITERATIONS} to ${MAX_ITERATIONS}`,
  );
}

function readBase64(key: string, fields: ReadonlyMap<string, string>): Uint8Array | null {
  const text = fields.get(key);
  if (text === undefined) return null;
  try {
    return fromBase64(text);
  } catch {
    throw new UserError(`Cannot read --add-scram: ${key} is no base64`);
  }
}

function withoutSecrets(argument: string): string {
  return argument.replace(/(password=)[^,\]]*/gi, "$1…");
}
