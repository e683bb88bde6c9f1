/** JSON that this browser keeps between visits. */

/** The stored value, or `fallback` where there is none or it cannot be read. */
export function readStored(key, fallback, storage = null) {
  try {
    return JSON.parse((storage ?? localStorage).getItem(key)) ?? fallback;
  } catch {
    return fallback;
  }
}

export function writeStored(key, value, storage = null) {
  (storage ?? localStorage).setItem(key, JSON.stringify(value));
}
