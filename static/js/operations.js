/** The operations page: the queue's numbers, live. */

import { ApiProblem, readQueueMetrics } from "./lib/api.js";
import { byId, element, setText } from "./lib/elements.js";
import { duration } from "./lib/format.js";
import { whileVisible } from "./lib/ticker.js";
import { countText, failureRows, gaugeText, successRate } from "./operations/queue-figures.js";
import { createSparkline } from "./operations/sparkline.js";
import { startShell } from "./shell.js";

const EVERY_MS = 2000;
const READINESS_EVERY_MS = 5000;
const DEPENDENCIES = { postgresql: "PostgreSQL", redis: "Redis" };

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
    return setText(byId("operations-state"), whyNot(problem));
  }
  setText(byId("operations-state"), `Updated every ${duration(EVERY_MS)}`);
  for (const cell of document.querySelectorAll("[data-gauge]")) drawGauge(cell, metrics);
  for (const [name, add] of lines) add(Number(metrics[name] ?? 0));
  setText(byId("success-rate"), successRate(metrics));
  drawFailures(failureRows(metrics.failuresByCode ?? {}));
}

function whyNot(problem) {
  if (problem.code === "unauthenticated") return "Log in to see the figures.";
  return `Not up to date: ${problem.message}`;
}

function drawGauge(cell, metrics) {
  const { gauge } = cell.dataset;
  if (gauge === "workers") cell.dataset.alarm = metrics.workers === 0;
  setText(cell, gaugeText(gauge, metrics[gauge]));
}

function drawFailures(rows) {
  const none = element("p", { className: "muted" }, "No order has failed.");
  byId("failures").replaceChildren(...(rows.length ? rows.map(failureRow) : [none]));
}

function failureRow({ name, count, total }) {
  return element(
    "div",
    { className: "failure" },
    element("span", {}, name),
    element("span", {}, countText(count)),
    element("progress", {
      max: total,
      value: count,
      attributes: { "aria-label": `Share of ${name}` },
    }),
  );
}

async function drawReadiness() {
  const box = byId("readiness");
  // Ready (200) or not (503), the answer tells the state of each dependency.
  const answer = await fetch("/health/ready")
    .then((response) => response.json())
    .catch(() => null);
  if (!answer?.dependencies)
    return box.replaceChildren(dependencyRow("Server", "not answering", false));
  box.replaceChildren(
    ...Object.entries(answer.dependencies).map(([name, { state, latencyMs }]) => {
      const up = state === "up";
      return dependencyRow(
        DEPENDENCIES[name] ?? name,
        up ? `ready, ${latencyMs} ms` : "not answering",
        up,
      );
    }),
  );
}

function dependencyRow(name, text, good) {
  return element(
    "div",
    {},
    element("dt", {}, name),
    element("dd", { className: good ? "state-good" : "state-bad" }, text),
  );
}
