/** The webhooks' part of the HTTP API. Failures are those of `request`. */

import { query, request } from "../lib/api.js";

const path = (id, rest = "") => `/api/webhooks/${encodeURIComponent(id)}${rest}`;
const post = (address, body) => request(address, { method: "POST", body });

export const listWebhooks = () => request("/api/webhooks");
export const createWebhook = (wish) => post("/api/webhooks", wish);
export const deleteWebhook = (id) => request(path(id), { method: "DELETE" });
export const pauseWebhook = (id) => post(path(id, "/pause"));
export const resumeWebhook = (id) => post(path(id, "/resume"));
export const rotateSecret = (id) => post(path(id, "/rotate-secret"));
export const testWebhook = (id) => post(path(id, "/test"));
export const listDeliveries = (id, parameters) =>
  request(path(id, `/deliveries?${query(parameters)}`));
export const sendAgain = (id, delivery) =>
  post(path(id, `/deliveries/${encodeURIComponent(delivery)}/redeliver`));
