/** A new Solana keypair, made by the browser. */

import { encodeBase58 } from "./base58.js";

/**
 * `address`, and `secretKey`: 64 numbers, the seed followed by the public key.
 * Throws where the browser has no Ed25519.
 */
export async function createKeypair() {
  const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  const { d, x } = await crypto.subtle.exportKey("jwk", pair.privateKey);
  const publicKey = bytesOf(x);
  return { address: encodeBase58(publicKey), secretKey: [...bytesOf(d), ...publicKey] };
}

function bytesOf(base64url) {
  const text = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
