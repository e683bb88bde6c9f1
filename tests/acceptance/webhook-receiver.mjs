/**
 * A receiver of webhooks that verifies with the library from npm.
 *
 * `node webhook-receiver.mjs PORT SECRET FILE` appends the id of each message to FILE, then answers
 * 204; what does not verify gets 401 and a line `refused`.
 */

import { appendFileSync } from "node:fs";
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

const [port, secret, file] = process.argv.slice(2);
const verifier = new Webhook(secret);

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const line = verified(Buffer.concat(chunks).toString(), request.headers);
  appendFileSync(file, `${line ?? "refused"}\n`);
  response.writeHead(line ? 204 : 401).end();
});

function verified(body, headers) {
  try {
    const { orderId, sequence } = verifier.verify(body, headers);
    return headers["webhook-id"] === `${orderId}:${sequence}` ? headers["webhook-id"] : null;
  } catch {
    return null;
  }
}

server.listen(Number(port), "127.0.0.1");
