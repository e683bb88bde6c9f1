/**
 * The one Socket.IO connection of a page. It carries messages and tells its own state. Reading the
 * messages, and noticing that one is missing, is left to the order store.
 */

import { connectionState } from "./connection-state.js";
import { mayTrade, onAccountChange, token } from "./session.js";

const ACK_TIMEOUT_MS = 8000;
const MESSAGES = ["order_update", "balance_update", "price_update", "candle_update", "resync"];

class Live extends EventTarget {
  #socket = null;
  #heardAt = Date.now();
  #lostAt = Date.now();
  #everConnected = false;

  /** Connects, and keeps reconnecting. Events: "connected", "lost" and those of `MESSAGES`. */
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
    for (const name of MESSAGES) {
      socket.on(name, (detail) => this.dispatchEvent(new CustomEvent(name, { detail })));
    }
    onAccountChange(() => {
      socket.disconnect();
      this.#connect();
    });
    addEventListener("online", () => this.#connect());
  }

  /** The connection's state, as `connectionState` names it. */
  get state() {
    const connection = {
      online: navigator.onLine,
      allowed: mayTrade(),
      connected: Boolean(this.#socket?.connected),
      everConnected: this.#everConnected,
      heardAt: this.#heardAt,
      lostAt: this.#lostAt,
    };
    return connectionState(connection, Date.now());
  }

  /** For how long there has been no connection that works, in ms. */
  get lostForMs() {
    return this.state === "connected" ? 0 : Date.now() - this.#lostAt;
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

  #connect() {
    if (mayTrade()) this.#socket.connect();
  }

  #hear() {
    this.#heardAt = Date.now();
  }

  #lose(reason) {
    this.#lostAt = Date.now();
    this.dispatchEvent(new Event("lost"));
    // Socket.IO does not reconnect after such an end, but a restarted server is back soon.
    if (reason === "io server disconnect") setTimeout(() => this.#connect(), 500);
  }

  #retryRefused() {
    if (!this.#socket.active) setTimeout(() => this.#connect(), 3000);
  }
}

export const live = new Live();
