/** Sends the requests of the API page and shows what comes back. */

for (const form of document.querySelectorAll("form[data-method]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
}

async function send(form) {
  const outcome = form.querySelector(".outcome");
  outcome.textContent = "Waiting for the answer…";
  try {
    const began = performance.now();
    const answer = await fetch(...requestOf(form));
    const text = await answer.text();
    const tookMs = Math.round(performance.now() - began);
    outcome.textContent = `${answer.status} ${answer.statusText} after ${tookMs} ms`;
    show(form, answer, text);
  } catch {
    outcome.textContent = "No answer: the server can't be reached.";
  }
}

function requestOf(form) {
  let path = form.dataset.path;
  const query = new URLSearchParams();
  const headers = new Headers();
  let body;
  for (const { name, value, dataset } of form.querySelectorAll("[data-place]")) {
    if (value === "") continue;
    if (dataset.place === "path") path = path.replace(`{${name}}`, encodeURIComponent(value));
    if (dataset.place === "query") query.append(name, value);
    if (dataset.place === "header") headers.set(name, value);
    if (dataset.place === "body") body = value;
  }
  if (body !== undefined) headers.set("Content-Type", "application/json");
  const token = document.getElementById("token").value.trim();
  if (token) headers.set("Authorization", `Bearer ${token}`);
  const address = query.size > 0 ? `${path}?${query}` : path;
  return [address, { method: form.dataset.method, headers, body }];
}

function show(form, answer, text) {
  const headers = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
  const box = form.querySelector(".answer");
  box.textContent = `${headers}\n\n${indented(text)}`;
  box.hidden = false;
}

/** JSON with line breaks between its members; numbers stay digit for digit. */
function indented(text) {
  let depth = 0;
  const pieces = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^"{}[\],:]+/g) ?? [];
  if (!/^[[{]/.test(text)) return text;
  return pieces
    .map((piece) => {
      if (piece === "{" || piece === "[") return `${piece}\n${"  ".repeat(++depth)}`;
      if (piece === "}" || piece === "]") return `\n${"  ".repeat(--depth)}${piece}`;
      if (piece === ",") return `,\n${"  ".repeat(depth)}`;
      return piece === ":" ? ": " : piece;
    })
    .join("");
}
