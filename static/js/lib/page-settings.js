/** What the server wrote into the page's `html` element; without a page, the server's defaults. */

const { maxAttempts = "4", requireAuth = "false" } =
  globalThis.document?.documentElement.dataset ?? {};

/** Attempts an order gets before it fails. */
export const MAX_ATTEMPTS = Number(maxAttempts);

/** Whether orders can be seen and placed only after logging in. */
export const REQUIRE_AUTH = requireAuth === "true";
