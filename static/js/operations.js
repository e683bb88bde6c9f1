/** The operations page: the queue's numbers, live, without a cost that grows with past orders. */

import { ApiProblem, readQueueMetrics } from "./lib/api.js";
import { byId, element, setText } from "./lib/elements.js";
import { duration, percent } from "./lib/format.js";
import { whileVisible } from "./lib/ticker.js";
import { createSparkline } from "./operations/sparkline.js";
import { startShell } from "./shell.js";

const EVERY_MS = 2000;
const READINESS_EVERY_MS = 5000;
const DEPENDENCIES = { postgresql: "PostgreSQL", redis: "Redis" };

const counts = new Intl.NumberFormat("en");
const lines = new Map(
  [...document.querySelectorAll("[data-line]")].map((box) => [
    box.dataset.line,
    createSparkline(box),
  ]),
);

startShell();
whileVisible(EVERY_MS, drawMetrics);
whileVisible(READINESS_EVERY_MS, drawReadiness);

async function drawMetrics() {
  let metrics;
  try {
    metrics = await readQueueMetrics();
  } catch (problem) {
    if (!(problem instanceof ApiProblem)) throw problem;
    return setText(byId("operations-state"), `Not up to date: ${problem.message}`);
  }
  setText(byId("operations-state"), `Live, read every ${duration(EVERY_MS)}`);
  for (const cell of document.querySelectorAll("[data-gauge]"))
    drawGauge(cell, metrics[cell.dataset.gauge]);
  for (const [name, add] of lines) add(Number(metrics[name] ?? 0));
  const finished = metrics.completed + metrics.failed;
  setText(byId("success-rate"), finished ? percent(metrics.completed / finished, 1) : "–");
  drawFailures(metrics.failuresByCode ?? {});
}

function drawGauge(cell, value) {
  const { gauge } = cell.dataset;
  if (gauge === "workers") cell.dataset.alarm = value === 0;
  if (value == null) setText(cell, "–");
  else
    setText(
      cell,
      gauge === "oldestWaitingSeconds" ? duration(Number(value) * 1000) : counts.format(value),
    );
}

function drawFailures(byCode) {
  const rows = Object.entries(byCode).sort(([, a], [, b]) => b - a);
  const total = rows.reduce((sum, [, count]) => sum + count, 0);
  byId("failures").replaceChildren(
    ...rows.map(([code, count]) =>
      element(
        "div",
        { className: "failure" },
        element("span", {}, code.replaceAll("_", " ")),
        element("span", {}, counts.format(count)),
        element("progress", {
          max: total,
          value: count,
          attributes: { "aria-label": `Share of ${code.replaceAll("_", " ")}` },
        }),
      ),
    ),
  );
  if (!rows.length)
    byId("failures").replaceChildren(element("p", { className: "muted" }, "No order has failed."));
}

async function drawReadiness() {
  const box = byId("readiness");
  // Ready (200) or not (503), the answer tells the state of each dependency.
  const answer = await fetch("/health/ready")
    .then((response) => response.json())
    .catch(() => null);
  if (!answer?.dependencies) return box.replaceChildren(row("Server", "not answering", false));
  box.replaceChildren(
    ...Object.entries(answer.dependencies).map(([name, { state, latencyMs }]) => {
      const up = state === "up";
      return row(DEPENDENCIES[name] ?? name, up ? `ready, ${latencyMs} ms` : "not answering", up);
    }),
  );
}

function row(name, text, good) {
  return element(
    "div",
    {},
    element("dt", {}, name),
    element("dd", { className: good ? "state-good" : "state-bad" }, text),
  );
}
