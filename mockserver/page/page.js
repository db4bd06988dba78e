// All that a target or its callers wrote is put in as text, never as markup.
"use strict";

const MOST = 200; // calls that are shown
const EVERY_MS = 1000;
const at = (id) => document.getElementById(id);
let token = "";
let last = 0;

async function ask(path, method = "GET", body = undefined) {
  // no form of another page can send this header
  const headers = { "Content-Type": "application/json", "Streamproof-Control": "page" };
  if (token) headers.Authorization = `Bearer ${token}`;
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const answer = await fetch(path, { method, headers, body: sent, credentials: "omit" });
  const text = await answer.text();
  if (answer.status === 401) lock();
  if (!answer.ok) throw new Error(JSON.parse(text).message);
  return text;
}

async function json(path, method, body) {
  return JSON.parse(await ask(path, method, body));
}

function lock() {
  at("open").hidden = true;
  at("unlock").hidden = false;
  at("token").focus();
}

function made(name, text, ...inside) {
  const element = document.createElement(name);
  if (text !== null) element.textContent = text;
  element.append(...inside);
  return element;
}

function link(path, text) {
  const element = made("a", text);
  element.href = path;
  return element;
}

function row(entry) {
  const what = JSON.stringify(entry.arguments, null, 1);
  const rule = made("td", null);
  if (entry.rule) rule.append(link(`rules/${entry.rule}`, entry.rule));
  const told = made("tr", null,
    made("td", entry.time.slice(11, 23)),
    made("td", `${entry.method} ${entry.path}`),
    made("td", entry.status === null ? "–" : String(entry.status)),
    rule,
    made("td", entry.faults.join(", ")),
    made("td", null, made("details", null,
      made("summary", entry.operation ?? "…"), made("pre", what))));
  told.className = entry.rule ? "broken" : "kept";
  return told;
}

async function journal() {
  const entries = await json(`journal?after=${last}`);
  for (const entry of entries) {
    if (entry.number <= last) continue; // another look was faster
    last = entry.number;
    at("journal").prepend(row(entry));
  }
  while (at("journal").children.length > MOST) at("journal").lastChild.remove();
  filter();
}

function filter() {
  for (const each of at("journal").children) {
    each.hidden = at("rejected").checked && each.className !== "broken";
  }
}

async function faults() {
  const on = await json("faults");
  at("faults").replaceChildren(...on.map((fault) => {
    const off = made("button", at("language").lang === "zh" ? "off" : "关闭");
    off.addEventListener("click", doing(async () => {
      const rest = on.filter((other) => other !== fault).map((other) => other.name);
      await ask("faults", "PUT", rest);
      await faults();
    }));
    return made("li", null, made("code", fault.name), `: ${fault.says} `, off);
  }));
  return on.map((fault) => fault.name);
}

function cell(value) {
  return made("td", typeof value === "string" ? value : JSON.stringify(value));
}

// What a space holds of one kind: things, plain names, or what names lead to.
function things(kept) {
  if (!Array.isArray(kept)) return Object.entries(kept).map(([name, value]) => ({ name, value }));
  return kept.map((each) => each instanceof Object ? each : { name: each });
}

function table(rows) {
  const names = [...new Set(rows.flatMap(Object.keys))];
  return made("div", null, made("table", null,
    made("thead", null, made("tr", null, ...names.map((name) => made("th", name)))),
    made("tbody", null, ...rows.map((row) =>
      made("tr", null, ...names.map((name) => name in row ? cell(row[name]) : made("td", "")))))));
}

async function state() {
  const kept = await json("state");
  at("state").replaceChildren(...Object.entries(kept).flatMap(([api, kinds]) =>
    Object.entries(kinds).flatMap(([kind, each]) => {
      const rows = things(each);
      const shown = table(rows);
      shown.className = "scroll";
      return [made("h3", `${api}: ${kind} (${rows.length})`), ...(rows.length ? [shown] : [])];
    })));
}

async function about() {
  const dialect = await json("dialect");
  at("dialect").textContent = JSON.stringify(dialect, null, 2);
  at("documents").replaceChildren(...Object.keys(dialect).map((api) => {
    const name = encodeURIComponent(api);
    const button = made("button", at("language").lang === "zh" ? "Try it" : "试用");
    button.addEventListener("click", doing(() => reference(name)));
    return made("li", null, link(`openapi/${name}.yaml`, `${api}.yaml`), " ", button);
  }));
}

function loaded(element) {
  return new Promise((done, failed) => {
    element.addEventListener("load", done);
    element.addEventListener("error", () => failed(new Error(`no ${element.src || element.href}`)));
    document.head.append(element);
  });
}

async function swagger() {
  if (window.SwaggerUIBundle) return;
  const style = made("link", null), script = made("script", null);
  style.rel = "stylesheet";
  style.href = "reference/swagger-ui.css";
  script.src = "reference/swagger-ui-bundle.js";
  await Promise.all([loaded(style), loaded(script)]);
}

// What is filled in here replaces what was typed into "Authorize".
async function authorized(name, request) {
  if (!at("own").checked || !request.url.startsWith(location.origin)) return request;
  const fields = Object.fromEntries(new URLSearchParams(request.body instanceof FormData ? "" : request.body ?? ""));
  const isForm = /x-www-form-urlencoded/i.test(request.headers["Content-Type"] ?? "");
  const more = await json(`authorize/${name}`, "POST", isForm ? fields : {});
  Object.assign(request.headers, more.headers);
  const url = new URL(request.url);
  for (const [key, value] of Object.entries(more.query ?? {})) url.searchParams.set(key, value);
  request.url = url.href;
  if (more.form) request.body = new URLSearchParams(more.form).toString();
  return request;
}

async function reference(name) {
  const [spec] = await Promise.all([json(`openapi/${name}.json`), swagger()]);
  window.SwaggerUIBundle({
    spec, domNode: at("reference"), validatorUrl: null, tryItOutEnabled: true,
    requestInterceptor: (request) => authorized(name, request),
  });
}

function doing(what) {
  return async (event) => {
    event?.preventDefault();
    try {
      await what();
      at("told").textContent = "";
    } catch (fault) {
      at("told").textContent = fault.message;
    }
  };
}

const open = doing(async () => {
  await about();
  at("unlock").hidden = true;
  at("open").hidden = false;
  await Promise.all([journal(), faults(), state()]);
});

function speak(language) {
  document.documentElement.lang = language;
  for (const each of document.querySelectorAll("[data-zh]")) {
    each.dataset.en ??= each.textContent;
    each.textContent = each.dataset[language];
  }
  const other = language === "zh" ? "en" : "zh";
  at("language").lang = other;
  at("language").textContent = { en: "English", zh: "中文" }[other];
}

at("language").addEventListener("click", doing(async () => {
  speak(at("language").lang);
  await Promise.all([faults(), about()]);
}));
at("unlock").addEventListener("submit", (event) => {
  token = at("token").value;
  open(event);
});
at("rejected").addEventListener("change", filter);
at("forget").addEventListener("click", doing(async () => {
  await ask("journal", "DELETE");
  at("journal").replaceChildren();
}));
at("add").addEventListener("submit", doing(async () => {
  await ask("faults", "PUT", [...await faults(), at("fault").value]);
  at("fault").value = "";
  await faults();
}));
at("refresh").addEventListener("click", doing(state));
at("reset").addEventListener("click", doing(async () => {
  await ask("reset", "POST");
  last = 0;
  at("journal").replaceChildren();
  await Promise.all([journal(), faults(), state()]);
}));
speak(navigator.language.startsWith("zh") ? "zh" : "en");
open();
setInterval(() => { if (!at("open").hidden && !document.hidden) journal().catch(() => {}); }, EVERY_MS);
