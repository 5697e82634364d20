// The page itself: views, keys, theme, print, and what is copied and saved.

const SVG = "http://www.w3.org/2000/svg";

function make(name, attributes = {}, ...parts) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...parts);
  return made;
}

// Others' text: in its own direction, so that it cannot turn what stands around it.
function isolated(text) {
  return make("bdi", {}, text);
}

function severityBadge(name) {
  const icon = document.createElementNS(SVG, "svg");
  icon.setAttribute("class", "icon");
  icon.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  icon.append(use);
  const badge = make("span", { class: `severity severity-${name}` });
  badge.append(icon, make("span", {}, name));
  return badge;
}

function dayOf(date) {
  const [year, month, day] = date.split("-");
  return `${Number(day)} ${["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][month - 1]} ${year}`;
}

function inDays(days) {
  return new Date(Date.now() + days * 864e5).toISOString().slice(0, 10);
}

function tell(message) {
  document.querySelector(".toast")?.remove();
  const toast = make("div", { class: "toast", role: "status" }, message);
  (document.querySelector("dialog[open]") || document.body).append(toast);
  setTimeout(() => toast.remove(), 1800);
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // A page opened from a file may not use the clipboard directly.
    const area = make("textarea", { class: "hush" });
    area.value = text;
    (document.querySelector("dialog[open]") || document.body).append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  tell("Copied");
}

// A cell that a spreadsheet cannot take for a formula.
function csvCell(text) {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${safe.replace(/"/g, '""')}"`;
}

function save(data, rows) {
  const head = ["severity", "rule", "environment", "kind", "namespace", "name", "container", "message", "file", "line", "state", "first seen", "owner", "fix", "fingerprint"];
  const lines = rows.map((row) => [
    data.severity(row), data.text("rule", row), data.text("env", row), data.text("kind", row), data.text("namespace", row),
    data.text("name", row), data.text("container", row), data.text("message", row), data.text("uri", row),
    String(data.columns.line[row] || ""), data.state(row).word, data.text("seen", row), data.text("owner", row),
    data.text("fix", row), data.text("fingerprint", row),
  ]);
  const text = [head, ...lines].map((line) => line.map(csvCell).join(",")).join("\r\n") + "\r\n";
  const link = make("a", { href: URL.createObjectURL(new Blob([text], { type: "text/csv" })), download: "findings.csv" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// On paper a table cannot scroll: up to some thousand rows are set in full.
const MOST_ON_PAPER = 2000;

function fillPaper(data, rows) {
  const table = document.getElementById("on-paper");
  const rest = rows.length - MOST_ON_PAPER;
  table.replaceChildren(make("caption", { class: "hush" }, "Findings"));
  const head = make("tr");
  for (const name of ["Severity", "Finding", "Thing", "Where"]) head.append(make("th", { scope: "col" }, name));
  const body = make("tbody");
  for (const row of rows.slice(0, MOST_ON_PAPER)) {
    const line = make("tr");
    line.append(
      cell(severityBadge(data.severity(row))),
      cell(isolated(data.text("message", row)), span("title", make("code", {}, data.text("rule", row)))),
      cell(isolated([data.text("env", row), data.text("kind", row), data.thing(row)].filter(Boolean).join(" "))),
      cell(isolated(data.place(row))),
    );
    body.append(line);
  }
  table.append(make("thead", {}, head), body);
  if (rest > 0) table.append(make("tfoot", {}, cell(`And ${rest.toLocaleString("en")} more that are not printed.`)));
}

function useTheme() {
  const root = document.documentElement;
  const kept = { get: () => { try { return localStorage.getItem("readycheck-theme"); } catch { return null; } },
    set: (value) => { try { localStorage.setItem("readycheck-theme", value); } catch { /* nothing is kept then */ } } };
  if (kept.get()) root.dataset.theme = kept.get();
  return () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    kept.set(root.dataset.theme);
  };
}

async function start() {
  const views = [...document.querySelectorAll(".view")];
  const toggleTheme = useTheme();
  document.documentElement.classList.add("js");
  document.querySelector(".tools").hidden = false;
  document.getElementById("finder").hidden = false;
  const data = await readData();
  const table = new Table(data);
  const sheet = new Sheet(data);
  const byFingerprint = new Map();
  for (let row = data.size - 1; row >= 0; row -= 1) byFingerprint.set(data.text("fingerprint", row), row);
  const filters = new FilterBar(data, (change) => {
    const { chosen } = readAddress();
    history.replaceState(null, "", addressOf("findings", { ...chosen, open: "", ...change }));
    show();
  });
  const keys = document.getElementById("keys");
  let shown = "";

  function show() {
    let { view, chosen } = readAddress();
    if (!views.some((each) => each.id === view)) view = "overview";
    for (const each of views) each.hidden = each.id !== view;
    for (const link of document.querySelectorAll(".views a")) {
      if (link.dataset.view === view) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    if (view === "findings") {
      const { open = "", ...rest } = chosen;
      const rows = matching(data, rest);
      filters.show(rest, rows.length);
      sortMarks(rest.sort || "severity");
      document.documentElement.style.setProperty("--filters", `${filters.form.offsetHeight}px`);
      table.show(rows, rest);
      if (byFingerprint.has(open)) {
        const row = byFingerprint.get(open);
        sheet.show(row);
        table.current = rows.indexOf(row);
      } else sheet.close();
    } else sheet.close();
    if (view !== shown) {
      // The browser itself scrolls to a view's element, below the bar.
      scrollTo(0, 0);
      shown = view;
    }
  }

  function sortMarks(sort) {
    const descending = sort.startsWith("-");
    for (const head of table.element.querySelectorAll("[data-sort]")) {
      if (head.dataset.sort === sort.replace("-", "")) head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
  }

  function step(by) {
    const row = table.go(table.current + by, !sheet.isOpen);
    if (sheet.isOpen && row >= 0) {
      const { chosen } = readAddress();
      history.replaceState(null, "", addressOf("findings", { ...chosen, open: data.text("fingerprint", row) }));
      show();
    }
  }

  addEventListener("hashchange", show);
  // Paper shows what the screen shows; of the overview, the exemptions too.
  addEventListener("beforeprint", () => {
    if (shown === "findings") fillPaper(data, table.rows);
    for (const each of views) each.classList.toggle("on-paper", shown === "overview" ? ["overview", "exemptions"].includes(each.id) : each.id === shown);
  });
  for (const head of table.element.querySelectorAll("[data-sort]")) {
    head.querySelector("button").addEventListener("click", () => {
      const { chosen } = readAddress();
      const now = chosen.sort || "severity";
      const next = now === head.dataset.sort ? `-${now}` : head.dataset.sort;
      history.replaceState(null, "", addressOf("findings", { ...chosen, sort: next === "severity" ? "" : next }));
      show();
    });
  }
  sheet.element.addEventListener("close", () => {
    const { view, chosen } = readAddress();
    if (!chosen.open) return;
    history.replaceState(null, "", addressOf(view, { ...chosen, open: "" }));
    show();
    // The browser gives the focus back to where the sheet was opened, which may be another row by now.
    const index = table.rows.indexOf(byFingerprint.get(chosen.open));
    if (index >= 0) table.go(index);
  });
  sheet.element.addEventListener("click", (event) => {
    if (event.target === sheet.element) sheet.close();
  });
  document.getElementById("close").addEventListener("click", () => sheet.close());
  document.getElementById("next").addEventListener("click", () => step(1));
  document.getElementById("previous").addEventListener("click", () => step(-1));
  document.getElementById("theme").addEventListener("click", toggleTheme);
  document.getElementById("help").addEventListener("click", () => keys.showModal());
  document.getElementById("print").addEventListener("click", () => print());
  document.getElementById("link").addEventListener("click", () => copy(location.href));
  document.getElementById("save").addEventListener("click", () => save(data, table.rows));
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button.parentElement.querySelector("pre").textContent);
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.matches("input, select, textarea");
    if (typing) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (keys.open) return;
    const view = { 1: "overview", 2: "findings", 3: "owners", 4: "exemptions", 5: "checks" }[event.key];
    const act = {
      "/": () => {
        sheet.close();
        if (shown !== "findings") location.hash = "#findings";
        show();
        filters.query.focus();
        filters.query.select();
      },
      "?": () => { sheet.close(); keys.showModal(); },
      j: () => { if (shown !== "findings") { location.hash = "#findings"; show(); } step(1); },
      k: () => shown === "findings" && step(-1),
      t: toggleTheme,
    }[event.key];
    if (view && !sheet.isOpen) location.hash = `#${view}`;
    else if (act) act();
    else return;
    event.preventDefault();
  });

  show();
  document.documentElement.dataset.ready = "true";
}

start().catch((error) => {
  // A browser too old for compressed data still has every other view.
  document.getElementById("finder").hidden = true;
  document.getElementById("findings").append(
    make("p", { class: "nothing" }, `This browser cannot show the list of findings (${error}). Open the file in a newer one.`),
  );
});
