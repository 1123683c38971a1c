/** The server, as the page speaks with it: JSON out and in, failures as `Problem`. */

/** What went wrong, as the server says it (RFC 9457). */
export class Problem extends Error {
  constructor(status, body = {}) {
    super(body.detail || body.title || `the server answered ${status}`);
    this.name = "Problem";
    this.status = status;
    this.title = body.title ?? "";
    this.code = body.code ?? "";
    this.remedy = body.remedy ?? "";
    /** Of a filter: where in it the mistake is, counted from 0; null where it is not about a filter. */
    this.column = Number.isInteger(body.column) ? body.column : null;
    this.retryAfter = body.retryAfter ?? 0;
  }
}

const KEY = "sensorium.key";
let askForKey = async () => null;

/** Says who asks the user for a key when the server wants one: `async () => key or null`. */
export function onKeyWanted(ask) {
  askForKey = ask;
}

/** `fetch` with the key, if there is one. Raises Problem for an answer that is none, TypeError without a server. */
export async function call(path, options = {}, again = true) {
  const headers = new Headers(options.headers);
  const key = sessionStorage.getItem(KEY);
  if (key) headers.set("Authorization", `Bearer ${key}`);
  const answer = await fetch(path, { ...options, headers });
  if (answer.ok) return answer;
  if (answer.status === 401 && again) {
    const given = await askForKey();
    if (given) {
      sessionStorage.setItem(KEY, given);
      return call(path, options, false);
    }
  }
  const body = await answer.json().catch(() => ({}));
  body.retryAfter = Number(answer.headers.get("Retry-After") ?? 0);
  throw new Problem(answer.status, body);
}

export const get = async (path, options) => (await call(path, options)).json();

export async function post(path, body, options = {}) {
  const headers = { "Content-Type": "application/json" };
  const answer = await call(path, { ...options, method: "POST", headers, body: JSON.stringify(body) });
  return answer.status === 204 ? {} : answer.json();
}

/** A search. files: `{like: File[], spoken: File | null}`; with any of them the question goes as a form. */
export async function search(query, files, signal) {
  if (!files.like.length && !files.spoken) return post("v1/search", query, { signal });
  const form = new FormData();
  form.set("query", JSON.stringify(query));
  for (const file of files.like) form.append("like", file, file.name);
  if (files.spoken) form.set("spoken", files.spoken, files.spoken.name);
  return (await call("v1/search", { method: "POST", body: form, signal })).json();
}

/** The events of a question, as they come: `{event, data}` (server-sent events over POST). */
export async function* ask(question, signal) {
  const headers = { "Content-Type": "application/json", Accept: "text/event-stream" };
  const answer = await call("v1/ask", { method: "POST", headers, body: JSON.stringify(question), signal });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    rest = (rest + (value ?? "")).replaceAll("\r\n", "\n");
    const blocks = rest.split("\n\n");
    rest = done ? "" : blocks.pop();
    for (const block of blocks) {
      const event = parsed(block);
      if (event) yield event;
    }
    if (done) return;
  }
}

function parsed(block) {
  let event = "message";
  const data = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("event:")) event = line.slice(6).trim();
    else if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
  }
  return data.length ? { event, data: JSON.parse(data.join("\n")) } : null;
}

/** What to tell people about a failure: `[what happened, what to do]`. */
export function explained(error) {
  if (error instanceof Problem) {
    const wait = error.status === 429 ? `Try again in ${Math.max(1, error.retryAfter)} s.` : "";
    return [sentence(error.message), sentence(error.remedy) || wait];
  }
  return ["The server does not answer.", "Check that `sensorium serve` is running, then try again."];
}

function sentence(text) {
  const upper = text.charAt(0).toUpperCase() + text.slice(1);
  return upper && !/[.!?:]$/.test(upper) ? `${upper}.` : upper;
}
