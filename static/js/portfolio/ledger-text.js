/** A transfer of the ledger in the words of the page. */

const KINDS = {
  faucet: "Faucet",
  reset: "Starting balances", // Of a new account, or after starting over.
  swap: "Swap",
  transfer: "Transfer",
};

/**
 * What a transfer did to `wallet`: `{what, changes: [{token, amount}], others}`. `others` names
 * the counterparties.
 */
export function ledgerLine({ kind, entries }, wallet) {
  const own = entries.filter((entry) => entry.wallet === wallet);
  const others = entries.filter((entry) => entry.wallet !== wallet);
  return {
    what: KINDS[kind] ?? kind,
    changes: own.map(({ token, amount }) => ({ token, amount: String(amount) })),
    others: [...new Set(others.map((entry) => entry.wallet))].map(counterparty),
  };
}

function counterparty(name) {
  if (name === "faucet") return "Faucet";
  const venue = name.startsWith("pool:") ? name.slice("pool:".length) : null;
  return venue ? `${venue[0].toUpperCase()}${venue.slice(1)} pool` : name;
}
