/** Scheduled token launches, to pick one for a sniper order, and a practice launch to try it with. */

import { ApiProblem, readLaunches, scheduleLaunch } from "../lib/api.js";
import { byId, element, setText } from "../lib/elements.js";
import { amount, duration } from "../lib/format.js";
import { everySecond } from "../lib/ticker.js";
import { refreshTokens } from "./tokens.js";

const SHOWN = 4;
const RECENT_MS = 120_000;
const PRACTICE_DELAY_MS = 30_000;
const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

let launches = [];

/** The launch of this symbol or mint, if one is scheduled. */
export function findLaunch(symbolOrMint) {
  return launches.find(({ symbol, mint }) => mint === symbolOrMint || symbol === symbolOrMint);
}

/** Reads the launches and everything they add to the tokens. */
export async function refreshLaunches() {
  [{ launches }] = await Promise.all([readLaunches(), refreshTokens()]);
}

/** Lists the launches; `onPick` gets a symbol. */
export class LaunchPicker {
  #onPick;
  #box = byId("launches");
  #button = byId("practice-launch");

  constructor(onPick) {
    this.#onPick = onPick;
    this.#button.addEventListener("click", () => this.#practise());
    everySecond(() => this.draw());
  }

  async refresh() {
    await refreshLaunches().catch(() => null);
    this.draw();
  }

  draw() {
    if (this.#box.parentElement.hidden) return;
    const shown = launches
      .filter(({ liveAt }) => Date.parse(liveAt) > Date.now() - RECENT_MS)
      .slice(-SHOWN);
    const known = [...this.#box.children].map((node) => node.dataset.symbol).join();
    if (known !== shown.map(({ symbol }) => symbol).join())
      this.#box.replaceChildren(...shown.map((launch) => this.#row(launch)));
    const picked = byId("snipe-token").value.trim();
    shown.forEach((launch, index) => {
      const row = this.#box.children[index];
      row.ariaPressed = String(picked === launch.symbol || picked === launch.mint);
      setText(row.lastElementChild, `${opening(launch)} · $${amount(launch.liquidityUsd)}`);
    });
  }

  #row(launch) {
    const row = element(
      "button",
      { type: "button", className: "launch", dataset: { symbol: launch.symbol } },
      element("strong", {}, launch.symbol),
      element("span"),
    );
    row.addEventListener("click", () => this.#onPick(launch.symbol));
    return row;
  }

  async #practise() {
    this.#button.disabled = true;
    const symbol = practiceSymbol();
    try {
      await scheduleLaunch({
        symbol,
        mint: randomMint(),
        priceUsd: "0.05",
        liquidityUsd: "250000",
        liveAt: new Date(Date.now() + PRACTICE_DELAY_MS).toISOString(),
      });
      await this.refresh();
      this.#onPick(symbol);
      setText(byId("practice-launch-result"), `${symbol} is scheduled and picked.`);
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      setText(byId("practice-launch-result"), error.message);
    } finally {
      this.#button.disabled = false;
    }
  }
}

/** "opens in 25 s" or "open". */
export function opening({ liveAt }) {
  const left = Date.parse(liveAt) - Date.now();
  return left > 0 ? `opens in ${duration(Math.max(1000, left))}` : "open";
}

function practiceSymbol() {
  const [number] = crypto.getRandomValues(new Uint16Array(1));
  return `NOVA${number}`;
}

/** A mint address nobody uses: 32 random bytes in base58. */
function randomMint() {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  bytes[0] |= 0x80; // No leading zero byte, so that the text needs no padding.
  let number = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  let text = "";
  for (; number > 0n; number /= 58n) text = BASE58[Number(number % 58n)] + text;
  return text;
}
