/** Cancel all waiting orders that the list's filters name, after a confirmation that counts them. */

import { ApiProblem, cancelOrders, listOrders } from "../lib/api.js";
import { openDialog } from "../lib/dialog.js";
import { element, setText } from "../lib/elements.js";
import { account } from "../lib/session.js";
import { showToast } from "../lib/toast.js";
import { cancelledText, countWaiting, questionText } from "./cancel-all-text.js";

const WAITING = "open,pending";
const MAX_ROUNDS = 20;

/** `parameters` are the list's filters; `onDone()` is called once some were cancelled. */
export async function openCancelAll(parameters, onDone) {
  const text = element("p", { attributes: { role: "status" } }, "Counting the orders");
  const error = element("p", { className: "form-error", attributes: { role: "alert" } });
  const keep = element("button", { type: "button", className: "button" }, "Keep them");
  const button = element(
    "button",
    { type: "button", className: "button danger", disabled: true },
    "Cancel all",
  );
  const content = element("div", { className: "dialog-form" }, text, error, keep, button);
  const { close } = openDialog({ title: "Cancel all?", content });
  keep.addEventListener("click", close);
  keep.focus();
  try {
    const named = { ...parameters, status: parameters.status || WAITING };
    const found = await countWaiting((page) => listOrders({ ...named, ...page }));
    const question = questionText(found, account() !== null);
    setText(text, question.text);
    setText(button, question.button);
    button.disabled = found.count === 0;
    button.addEventListener("click", async () => {
      button.disabled = true;
      await send({ ...named, to: found.until }, error, close, onDone);
      button.disabled = false;
    });
  } catch (problem) {
    if (!(problem instanceof ApiProblem)) throw problem;
    setText(error, problem.message);
  }
}

async function send(named, error, close, onDone) {
  const done = { cancelled: 0, left: 0 };
  try {
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const answer = await cancelOrders(named);
      done.cancelled += answer.cancelled.length;
      done.left = answer.notCancelled.length;
      if (!answer.more) break;
    }
    close();
    showToast({ status: "cancelled", iconName: "dash", ...cancelledText(done) });
  } catch (problem) {
    if (!(problem instanceof ApiProblem)) throw problem;
    setText(error, [problem.message, done.cancelled ? cancelledText(done).title : ""].join(" "));
  }
  if (done.cancelled) onDone();
}
