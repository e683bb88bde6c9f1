/** Under the amount: what the account can spend, and buttons that fill in half or all of it. */

import { byId, setText } from "../lib/elements.js";
import { findToken } from "../market/tokens.js";
import { availableText, fundsObstacle, partOf } from "./funds.js";

export class FundsField {
  #money;

  /** `money` tells what is available; `onPick(amount)` is called with the amount of a button. */
  constructor(money, onPick) {
    this.#money = money;
    for (const part of ["half", "max"]) {
      byId(`amount-${part}`).addEventListener("click", () => {
        const token = byId("token-in").value;
        const { decimals } = findToken(token);
        const picked = partOf(part, this.#money.available(token), decimals);
        if (picked) onPick(picked);
      });
    }
  }

  /** Shows what is available of the token to pay; nothing for the anonymous, who have no wallet. */
  draw({ tokenIn }) {
    const available = this.#money.available(tokenIn);
    byId("funds").hidden = available === null;
    setText(byId("funds-available"), availableText(available, tokenIn));
    for (const part of ["half", "max"])
      byId(`amount-${part}`).disabled = !partOf(part, available, findToken(tokenIn).decimals);
  }

  /** What keeps `terms` from being paid, or null. */
  obstacle(terms) {
    return fundsObstacle(terms, this.#money.available(terms.tokenIn));
  }
}
