/**
 * The principal inside an Envelope request (KIP-590).
 *
 * @module
 */
import { bool, data, type Infer, string } from "../schema.ts";

/** Who sent the request that a broker forwards. An int16 version stands in front, see `encodeVersioned`. */
export const DefaultPrincipalData = data({ name: "DefaultPrincipalData", versions: [0, 0], flexible: 0 }, {
  type: string,
  name: string,
  tokenAuthenticated: bool,
});
export type DefaultPrincipalData = Infer<typeof DefaultPrincipalData>;
