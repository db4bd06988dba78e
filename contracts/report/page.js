"use strict";
const root = document.documentElement;
const find = (id) => document.getElementById(id);
const rules = [...document.querySelectorAll(".rule")];
const texts = rules.map((rule) => rule.textContent.toLowerCase());

function filter() {
  const words = find("text").value.toLowerCase().split(/\s+/).filter(Boolean);
  const verdict = find("verdict").value, level = find("level").value;
  let count = 0;
  rules.forEach((rule, at) => {
    rule.hidden = (verdict && rule.dataset.verdict !== verdict) || (level && rule.dataset.level !== level) ||
      !words.every((word) => texts[at].includes(word));
    count += !rule.hidden;
  });
  find("count").textContent = count;
}
for (const id of ["text", "verdict", "level"]) find(id).addEventListener("input", filter);
document.querySelector(".filter").addEventListener("submit", (event) => event.preventDefault());

const unfold = (open) => rules.forEach((rule) => { if (!rule.hidden) rule.open = open; });
find("open").addEventListener("click", () => unfold(true));
find("close").addEventListener("click", () => unfold(false));

find("language").addEventListener("click", () => {
  const lang = root.dataset.lang === "zh" ? "en" : "zh";
  root.dataset.lang = root.lang = lang;
  for (const option of document.querySelectorAll("option[data-en]")) option.textContent = option.dataset[lang];
});

function show() {
  const rule = find(decodeURIComponent(location.hash.slice(1)));
  if (rule && rule.classList.contains("rule")) {
    if (rule.hidden) { find("text").value = find("verdict").value = find("level").value = ""; filter(); }
    rule.open = true;
    rule.scrollIntoView();
  }
}
addEventListener("hashchange", show);
show();

addEventListener("keydown", (event) => {
  if (event.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) {
    event.preventDefault();
    find("text").focus();
  }
  if (event.key === "Escape" && event.target === find("text")) { find("text").value = ""; filter(); }
});

let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details:not([open])")]
    .filter((each) => each.closest('[data-verdict="failed"], [data-verdict="waived"], section:not(#rules)'));
  for (const each of folded) each.open = true;
});
addEventListener("afterprint", () => { for (const each of folded) each.open = false; });
