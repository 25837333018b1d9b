/**
 * The client's side of SCRAM (RFC 5802), written for tests.
 *
 * @module
 */
import { utf8 } from "../../../lib/bytes/mod.ts";
import type { ScramMechanism } from "../../../lib/security/sasl/scram.ts";
import { fromBase64, toBase64, utf8Text } from "../../../lib/security/sasl/text.ts";
import { runtimeHashes } from "../../../lib/shell/hashes.ts";

export class ScramPeer {
  readonly #mechanism: ScramMechanism;
  readonly #password: string;
  readonly #bare: string;
  readonly #repeated: string;
  #serverSignature = "";

  /**
   * @param options `repeated` is what the final message says in front of the nonce, `extensions` what the first one says behind it
   */
  constructor(
    mechanism: ScramMechanism,
    name: string,
    password: string,
    { repeated = "", extensions = "" }: { readonly repeated?: string; readonly extensions?: string } = {},
  ) {
    this.#repeated = repeated;
    this.#mechanism = mechanism;
    this.#password = password;
    this.#bare = `n=${name.replaceAll("=", "=3D").replaceAll(",", "=2C")},r=client-nonce${extensions}`;
  }

  /** The first message. */
  first(): Uint8Array {
    return utf8(`n,,${this.#bare}`);
  }

  /** The last message, in answer to the server's first. */
  final(serverFirst: Uint8Array): Uint8Array {
    const { hash } = this.#mechanism;
    const [, nonce, salt, iterations] = /^r=([^,]+),s=([^,]+),i=(\d+)$/.exec(utf8Text(serverFirst))!;
    const salted = runtimeHashes.saltPassword(hash, this.#password, fromBase64(salt), Number(iterations));
    const withoutProof = `c=biws,r=${this.#repeated}${nonce}`;
    const signed = utf8(`${this.#bare},${utf8Text(serverFirst)},${withoutProof}`);
    const clientKey = runtimeHashes.hmac(hash, salted, utf8("Client Key"));
    const signature = runtimeHashes.hmac(hash, runtimeHashes.digest(hash, clientKey), signed);
    const proof = clientKey.map((byte, index) => byte ^ signature[index]);
    const serverKey = runtimeHashes.hmac(hash, salted, utf8("Server Key"));
    this.#serverSignature = toBase64(runtimeHashes.hmac(hash, serverKey, signed));
    return utf8(`${withoutProof},p=${toBase64(proof)}`);
  }

  /** Whether the server has shown that it knows the password. */
  isServerRight(serverFinal: Uint8Array): boolean {
    return utf8Text(serverFinal) === `v=${this.#serverSignature}`;
  }
}
