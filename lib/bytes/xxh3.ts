/**
 * XXH3, the 64-bit hash of xxHash 0.8 without a seed: by it Apache Kafka's coordinators tell whether the topics of a group
 * have changed (KIP-1101), and what they come to stands in records.
 *
 * Written with BigInt: what is hashed are a few hundred bytes a topic, when a topic changes.
 *
 * @module
 */

const MASK = (1n << 64n) - 1n;
const LOW = 0xffffffffn;
const PRIME32_1 = 0x9e3779b1n;
const PRIME32_2 = 0x85ebca77n;
const PRIME32_3 = 0xc2b2ae3dn;
const PRIME64_1 = 0x9e3779b185ebca87n;
const PRIME64_2 = 0xc2b2ae3d27d4eb4fn;
const PRIME64_3 = 0x165667b19e3779f9n;
const PRIME64_4 = 0x85ebca77c2b2ae63n;
const PRIME64_5 = 0x27d4eb2f165667c5n;
const AVALANCHE_PRIME = 0x165667919e3779f9n;
const SHORT_PRIME = 0x9fb21c651e98df25n;

/** The secret that every hash without one of its own uses: 192 bytes. */
const SECRET = view(bytesOf(
  "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221b8084674f74324" +
    "8ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8a8fa763fe39c343ff9dcbbc7c70b" +
    "4f1d8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e2b16be587d" +
    "47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e",
));
const STRIPE_BYTES = 64;
const STRIPES_OF_BLOCK = (SECRET.byteLength - STRIPE_BYTES) / 8;
const BLOCK_BYTES = STRIPES_OF_BLOCK * STRIPE_BYTES;
/** Up to this length each has a way of its own; beyond, stripes are accumulated. */
const LONGEST_MIXED = 240;

/** The hash of `bytes`, as an unsigned integer of 64 bits. */
export function xxh3(bytes: Uint8Array): bigint {
  const input = view(bytes);
  const { length } = bytes;
  if (length === 0) return avalanche64(word(SECRET, 56) ^ word(SECRET, 64));
  if (length <= 3) return hashUpTo3(bytes);
  if (length <= 8) return hashUpTo8(input);
  if (length <= 16) return hashUpTo16(input);
  if (length <= 128) return hashUpTo128(input);
  if (length <= LONGEST_MIXED) return hashUpTo240(input);
  return hashLong(input);
}

function hashUpTo3(bytes: Uint8Array): bigint {
  const { length } = bytes;
  const combined = ((bytes[0] << 16) | (bytes[length >> 1] << 24) | bytes[length - 1] | (length << 8)) >>> 0;
  return avalanche64(BigInt((combined ^ SECRET.getUint32(0, true) ^ SECRET.getUint32(4, true)) >>> 0));
}

function hashUpTo8(input: DataView): bigint {
  const first = BigInt(input.getUint32(0, true));
  const last = BigInt(input.getUint32(input.byteLength - 4, true));
  let hash = (last + (first << 32n)) ^ word(SECRET, 8) ^ word(SECRET, 16);
  hash ^= rotateLeft(hash, 49n) ^ rotateLeft(hash, 24n);
  hash = (hash * SHORT_PRIME) & MASK;
  hash ^= (hash >> 35n) + BigInt(input.byteLength);
  hash = (hash * SHORT_PRIME) & MASK;
  return hash ^ (hash >> 28n);
}

function hashUpTo16(input: DataView): bigint {
  const low = word(input, 0) ^ word(SECRET, 24) ^ word(SECRET, 32);
  const high = word(input, input.byteLength - 8) ^ word(SECRET, 40) ^ word(SECRET, 48);
  return avalanche((BigInt(input.byteLength) + swapBytes(low) + high + multiplyAndFold(low, high)) & MASK);
}

function hashUpTo128(input: DataView): bigint {
  const { byteLength: length } = input;
  let hash = BigInt(length) * PRIME64_1;
  const pairs = (length - 1) >> 5;
  for (let pair = pairs; pair >= 0; pair--) {
    hash += mix16(input, pair * 16, pair * 32);
    hash += mix16(input, length - (pair + 1) * 16, pair * 32 + 16);
  }
  return avalanche(hash & MASK);
}

function hashUpTo240(input: DataView): bigint {
  const { byteLength: length } = input;
  let hash = BigInt(length) * PRIME64_1;
  for (let round = 0; round < 8; round++) hash += mix16(input, round * 16, round * 16);
  hash = avalanche(hash & MASK);
  for (let round = 8; round < length >> 4; round++) hash += mix16(input, round * 16, (round - 8) * 16 + 3);
  hash += mix16(input, length - 16, 136 - 17);
  return avalanche(hash & MASK);
}

function hashLong(input: DataView): bigint {
  const { byteLength: length } = input;
  const lanes = [PRIME32_3, PRIME64_1, PRIME64_2, PRIME64_3, PRIME64_4, PRIME32_2, PRIME64_5, PRIME32_1];
  const blocks = Math.floor((length - 1) / BLOCK_BYTES);
  for (let block = 0; block < blocks; block++) {
    for (let stripe = 0; stripe < STRIPES_OF_BLOCK; stripe++) {
      accumulate(lanes, input, block * BLOCK_BYTES + stripe * STRIPE_BYTES, stripe * 8);
    }
    scramble(lanes);
  }
  const stripes = Math.floor((length - 1 - blocks * BLOCK_BYTES) / STRIPE_BYTES);
  for (let stripe = 0; stripe < stripes; stripe++) {
    accumulate(lanes, input, blocks * BLOCK_BYTES + stripe * STRIPE_BYTES, stripe * 8);
  }
  accumulate(lanes, input, length - STRIPE_BYTES, SECRET.byteLength - STRIPE_BYTES - 7);
  let hash = BigInt(length) * PRIME64_1;
  for (let lane = 0; lane < 8; lane += 2) {
    const at = 11 + lane * 8;
    hash += multiplyAndFold(lanes[lane] ^ word(SECRET, at), lanes[lane + 1] ^ word(SECRET, at + 8));
  }
  return avalanche(hash & MASK);
}

function accumulate(lanes: bigint[], input: DataView, at: number, secretAt: number): void {
  for (let lane = 0; lane < 8; lane++) {
    const data = word(input, at + lane * 8);
    const keyed = data ^ word(SECRET, secretAt + lane * 8);
    lanes[lane ^ 1] = (lanes[lane ^ 1] + data) & MASK;
    lanes[lane] = (lanes[lane] + (keyed & LOW) * (keyed >> 32n)) & MASK;
  }
}

function scramble(lanes: bigint[]): void {
  for (let lane = 0; lane < 8; lane++) {
    const mixed = lanes[lane] ^ (lanes[lane] >> 47n) ^ word(SECRET, SECRET.byteLength - STRIPE_BYTES + lane * 8);
    lanes[lane] = (mixed * PRIME32_1) & MASK;
  }
}

function mix16(input: DataView, at: number, secretAt: number): bigint {
  return multiplyAndFold(word(input, at) ^ word(SECRET, secretAt), word(input, at + 8) ^ word(SECRET, secretAt + 8));
}

function multiplyAndFold(one: bigint, other: bigint): bigint {
  const product = one * other;
  return (product & MASK) ^ (product >> 64n);
}

function avalanche(hash: bigint): bigint {
  const mixed = ((hash ^ (hash >> 37n)) * AVALANCHE_PRIME) & MASK;
  return mixed ^ (mixed >> 32n);
}

/** That of XXH64, which short inputs end with. */
function avalanche64(hash: bigint): bigint {
  let mixed = ((hash ^ (hash >> 33n)) * PRIME64_2) & MASK;
  mixed = ((mixed ^ (mixed >> 29n)) * PRIME64_3) & MASK;
  return mixed ^ (mixed >> 32n);
}

function rotateLeft(value: bigint, bits: bigint): bigint {
  return ((value << bits) | (value >> (64n - bits))) & MASK;
}

function swapBytes(value: bigint): bigint {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setBigUint64(0, value);
  return bytes.getBigUint64(0, true);
}

function word(bytes: DataView, at: number): bigint {
  return bytes.getBigUint64(at, true);
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g)!, (digits) => parseInt(digits, 16));
}
