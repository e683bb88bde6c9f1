/** What can be touched on the chart: the ticket's line, to drag, and a button for each order's. */

import { byId, element, icon } from "../lib/elements.js";

const BUTTON_PX = 24;
const LABEL_PX = 46; // "limit" and "stop" stand there, on the line.

/**
 * Lays itself over `chart` and follows it. `onDrag(price)` is called while the ticket's line is
 * dragged, `onCancel(orderId)` when the button on an order's line is pressed.
 */
export class ChartOverlay {
  #chart;
  #box = byId("chart-overlay");
  #handle = element("div", { className: "chart-handle", hidden: true });
  #handlePrice = null;
  #buttons = new Map(); // orderId -> {button, price}

  constructor(chart, { onDrag, onCancel }) {
    this.#chart = chart;
    this.onDrag = onDrag;
    this.onCancel = onCancel;
    this.#handle.title = "Drag to change the price";
    this.#box.append(this.#handle);
    this.#handle.addEventListener("pointerdown", (event) => this.#drag(event));
    chart.place.onDraw(() => this.#place());
  }

  /** Where the ticket's line can be gripped; null for nowhere. */
  showHandle(price) {
    this.#handlePrice = price;
    this.#place();
  }

  /** `triggers`: [{orderId, price, label}]. Buttons of orders that stay are left alone. */
  showTriggers(triggers) {
    const kept = new Set(triggers.map(({ orderId }) => orderId));
    for (const [orderId, { button }] of this.#buttons) {
      if (!kept.has(orderId) && this.#buttons.delete(orderId)) button.remove();
    }
    for (const { orderId, price, label } of triggers) {
      const button = this.#buttons.get(orderId)?.button ?? this.#newButton(orderId);
      button.setAttribute("aria-label", label);
      button.title = label;
      this.#buttons.set(orderId, { button, price });
    }
    this.#place();
  }

  #newButton(orderId) {
    const button = element("button", { type: "button", className: "chart-cancel" }, icon("cross"));
    button.addEventListener("click", () => this.onCancel(orderId));
    this.#box.append(button);
    return button;
  }

  /** Buttons that would cover each other stand side by side. */
  #place() {
    const right = this.#chart.place.axisWidth + LABEL_PX;
    this.#placeAt(this.#handle, this.#handlePrice);
    this.#handle.style.right = `${right}px`;
    const taken = [];
    for (const { button, price } of this.#buttons.values()) {
      const y = this.#placeAt(button, price);
      if (y === null) continue;
      const beside = taken.filter((other) => Math.abs(other - y) < BUTTON_PX).length;
      button.style.right = `${right + beside * BUTTON_PX}px`;
      taken.push(y);
    }
  }

  #placeAt(node, price) {
    const y = price === null ? null : this.#chart.place.heightOf(price);
    node.hidden = y === null;
    if (y !== null) node.style.top = `${y}px`;
    return y;
  }

  #drag(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    const handle = this.#handle;
    const { top, height } = this.#box.getBoundingClientRect();
    const move = ({ clientY }) => {
      const price = this.#chart.place.priceAt(Math.max(0, Math.min(height, clientY - top)));
      if (price > 0) this.onDrag(price);
    };
    const end = () => {
      handle.removeEventListener("pointermove", move);
      this.#chart.ticketLine.hold(false);
    };
    this.#chart.ticketLine.hold(true);
    handle.setPointerCapture(event.pointerId);
    handle.addEventListener("pointermove", move);
    handle.addEventListener("lostpointercapture", end, { once: true });
  }
}
