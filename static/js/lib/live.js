/**
 * The one Socket.IO connection of a page. It only carries messages and tells its own state;
 * what they mean, and that nothing is missing, is the order store's business.
 */

import { mayTrade, onAccountChange, token } from "./session.js";

const ACK_TIMEOUT_MS = 8000;
const SILENCE_MS = 40_000; // The server pings every 25 s: longer silence means a dead connection.
const OUTAGE_MS = 15_000;

class Live extends EventTarget {
  #socket = null;
  #heardAt = Date.now();
  #lostAt = Date.now();
  #everConnected = false;

  /** Connects, and keeps reconnecting. Events: "connected", "order_update", "resync", "lost". */
  async start() {
    const { io } = await import("../../vendor/socket.io.esm.min.js");
    const socket = io({
      auth: (give) => give(token() ? { token: token() } : {}),
      autoConnect: mayTrade(),
      transports: ["websocket", "polling"],
      tryAllTransports: true, // Some proxies let no WebSocket through.
      reconnectionDelay: 300,
      reconnectionDelayMax: 2500,
    });
    this.#socket = socket;
    socket.on("connect", () => {
      this.#everConnected = true;
      this.#hear();
      socket.io.engine.on("packet", () => this.#hear());
      this.dispatchEvent(new Event("connected"));
    });
    socket.on("disconnect", (reason) => this.#lose(reason));
    socket.on("connect_error", () => this.#retryRefused());
    for (const name of ["order_update", "resync"]) {
      socket.on(name, (detail) => this.dispatchEvent(new CustomEvent(name, { detail })));
    }
    onAccountChange(() => {
      socket.disconnect();
      this.#connect();
    });
    addEventListener("online", () => this.#connect());
  }

  /** "connecting", "connected", "reconnecting", "stale", "offline" or "closed" to who is not logged in. */
  get state() {
    if (!navigator.onLine) return "offline";
    if (!mayTrade()) return "closed";
    if (this.#socket?.connected)
      return Date.now() - this.#heardAt > SILENCE_MS ? "stale" : "connected";
    if (Date.now() - this.#lostAt > OUTAGE_MS) return "stale";
    return this.#everConnected ? "reconnecting" : "connecting";
  }

  /** When the server was last heard of, in ms since the epoch. */
  get heardAt() {
    return this.#heardAt;
  }

  /** Sends and resolves with the acknowledgement; rejects without one. */
  ask(name, ...values) {
    if (!this.#socket?.connected) return Promise.reject(new Error("not connected"));
    return this.#socket.timeout(ACK_TIMEOUT_MS).emitWithAck(name, ...values);
  }

  tell(name, value) {
    if (this.#socket?.connected) this.#socket.emit(name, value);
  }

  #connect() {
    if (mayTrade()) this.#socket.connect();
  }

  #hear() {
    this.#heardAt = Date.now();
  }

  #lose(reason) {
    this.#lostAt = Date.now();
    this.dispatchEvent(new Event("lost"));
    // Socket.IO takes the server's goodbye as final; a restarting server means it for a moment.
    if (reason === "io server disconnect") setTimeout(() => this.#connect(), 500);
  }

  #retryRefused() {
    if (!this.#socket.active) setTimeout(() => this.#connect(), 3000);
  }
}

export const live = new Live();
