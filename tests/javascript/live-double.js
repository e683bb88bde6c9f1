/** A live connection whose events a test sends itself, and an API that answers from memory. */

export class LiveDouble extends EventTarget {
  asked = [];
  #answer;

  /** `answer(name, ...values)` gives the acknowledgement of a request. */
  constructor(answer = () => ({ ok: true })) {
    super();
    this.#answer = answer;
  }

  async ask(name, ...values) {
    this.asked.push([name, ...values]);
    return await this.#answer(name, ...values);
  }

  connect() {
    this.dispatchEvent(new Event("connected"));
  }

  resync() {
    this.dispatchEvent(new Event("resync"));
  }

  send(event) {
    this.dispatchEvent(new CustomEvent("order_update", { detail: event }));
  }
}

/** Answers as the server would that stores these `histories`, by order id. */
export class ApiDouble {
  calls = [];

  constructor(histories = {}) {
    this.histories = histories;
  }

  readHistory = async (id, after = 0) => {
    this.calls.push(["readHistory", id, after]);
    return { history: this.#stored(id).filter(({ sequence }) => sequence > after) };
  };

  readOrder = async (id) => {
    this.calls.push(["readOrder", id]);
    return recordOf(this.#stored(id));
  };

  listOrders = async ({ limit, cursor }) => {
    this.calls.push(["listOrders", cursor]);
    const ids = Object.keys(this.histories);
    const from = Number(cursor ?? 0);
    const orders = ids.slice(from, from + limit).map((id) => recordOf(this.histories[id]));
    const nextCursor = from + limit < ids.length ? String(from + limit) : null;
    return { orders, nextCursor };
  };

  #stored(id) {
    if (!this.histories[id]) throw new Error("order_not_found");
    return this.histories[id];
  }
}

export function eventOf(orderId, sequence, status, data = {}) {
  const timestamp = `2026-01-31T09:30:${String(sequence).padStart(2, "0")}Z`;
  return { orderId, sequence, status, timestamp, data };
}

/** The events of an order that came as far as `count` of them. */
export function historyOf(orderId, count) {
  const statuses = ["pending", "routing", "building", "submitted", "confirmed"];
  return statuses.slice(0, count).map((status, index) => eventOf(orderId, index + 1, status));
}

export function recordOf(history) {
  const { orderId, status, sequence } = history.at(-1);
  return { orderId, status, sequence, attempts: 0, txHash: null };
}
