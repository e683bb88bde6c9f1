/** What to call the state of the live connection. */

const SILENCE_MS = 40_000; // The server pings every 25 s: longer silence means a dead connection.
const OUTAGE_MS = 15_000;

/**
 * "connected", "connecting", "reconnecting"; "stale" when nothing was heard for too long;
 * "offline"; or "closed" to visitors who have to log in first.
 *
 * `connection` is {online, allowed, connected, everConnected, heardAt, lostAt}, times in ms.
 */
export function connectionState(connection, now) {
  const { online, allowed, connected, everConnected, heardAt, lostAt } = connection;
  if (!online) return "offline";
  if (!allowed) return "closed";
  if (connected) return now - heardAt > SILENCE_MS ? "stale" : "connected";
  if (now - lostAt > OUTAGE_MS) return "stale";
  return everConnected ? "reconnecting" : "connecting";
}
