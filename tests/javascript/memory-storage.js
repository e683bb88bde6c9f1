/** A stand-in for the browser's `localStorage`. */
export class MemoryStorage {
  #items = new Map();

  getItem(key) {
    return this.#items.get(key) ?? null;
  }

  removeItem(key) {
    this.#items.delete(key);
  }

  setItem(key, text) {
    this.#items.set(key, text);
  }
}
