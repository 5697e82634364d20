// What is shown: filters and order, kept in the address so that a view can be shared.

const FACETS = [
  { key: "env", label: "Environment", of: (data, row) => data.text("env", row) },
  { key: "area", label: "Chapter", of: (data, row) => data.area(row) },
  { key: "ns", label: "Namespace", of: (data, row) => data.text("namespace", row) },
  { key: "owner", label: "Owner", of: (data, row) => data.text("owner", row) },
  { key: "file", label: "File", of: (data, row) => data.text("uri", row) },
  { key: "source", label: "Source", of: (data, row) => data.text("source", row) },
  { key: "state", label: "State", of: (data, row) => data.text("state", row), word: (value) => STATES[value].word },
  { key: "fix", label: "Fix", of: (data, row) => (data.text("fix", row) ? "yes" : "no"), word: (value) => (value === "yes" ? "has a fix" : "has none") },
];
// A rule is chosen by a link only: there are too many for a list.
const RULE = { key: "rule", label: "Rule", of: (data, row) => data.text("rule", row) };
const MOST_CHOICES = 400;

const ORDERS = {
  severity: (data, row) => data.columns.severity[row],
  rule: (data, row) => data.text("rule", row),
  thing: (data, row) => data.thing(row),
  place: (data, row) => data.text("uri", row) + " " + String(data.columns.line[row]).padStart(8, "0"),
  seen: (data, row) => data.text("seen", row),
};

// `#findings&severity=high,low&q=web&open=FINGERPRINT` as a view and its parameters.
function readAddress() {
  const [view, ...pairs] = location.hash.slice(1).split("&");
  const chosen = {};
  for (const pair of pairs) {
    const [key, value = ""] = pair.split("=", 2);
    try {
      chosen[key] = decodeURIComponent(value.replace(/\+/g, " "));
    } catch {
      chosen[key] = value;
    }
  }
  return { view, chosen };
}

function addressOf(view, chosen) {
  const pairs = Object.keys(chosen).filter((key) => chosen[key]).sort();
  return "#" + [view, ...pairs.map((key) => key + "=" + encodeURIComponent(chosen[key]).replace(/%2C/g, ","))].join("&");
}

// The rows that match, in their order.
function matching(data, chosen) {
  const words = (chosen.q || "").toLowerCase().split(/\s+/).filter(Boolean);
  const severities = (chosen.severity || "").split(",").filter(Boolean);
  const facets = [...FACETS, RULE].filter((facet) => chosen[facet.key]);
  const rows = [];
  for (let row = 0; row < data.size; row += 1) {
    if (!chosen.state && !data.state(row).open) continue;
    if (severities.length && !severities.includes(data.severity(row))) continue;
    if (!facets.every((facet) => facet.of(data, row) === chosen[facet.key])) continue;
    if (words.length && !words.every((word) => data.searched(row).includes(word))) continue;
    rows.push(row);
  }
  return ordered(data, rows, chosen.sort || "");
}

function ordered(data, rows, sort) {
  const descending = sort.startsWith("-");
  const order = ORDERS[descending ? sort.slice(1) : sort];
  if (!order) return rows;
  const keys = new Map(rows.map((row) => [row, order(data, row)]));
  const sign = descending ? -1 : 1;
  // A finding without a value comes last, whichever way the order goes.
  return rows.sort((one, other) => {
    const [first, second] = [keys.get(one), keys.get(other)];
    if (first === second) return one - other;
    if (first === "") return 1;
    if (second === "") return -1;
    return (first < second ? -1 : 1) * sign;
  });
}

class FilterBar {
  constructor(data, changed) {
    this.data = data;
    this.changed = changed;
    this.form = document.getElementById("filters");
    this.query = this.form.elements.q;
    this.selects = {};
    this.build();
    let waiting = 0;
    this.query.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => changed({ q: this.query.value }), 120);
    });
    this.form.addEventListener("submit", (event) => event.preventDefault());
    for (const chip of this.form.querySelectorAll("[data-severity]")) {
      chip.addEventListener("click", () => this.toggleSeverity(chip.dataset.severity));
    }
    document.getElementById("clear").addEventListener("click", () => {
      changed(Object.fromEntries(["q", "severity", "rule", ...FACETS.map((facet) => facet.key)].map((key) => [key, ""])));
      this.query.focus();
    });
  }

  build() {
    const place = document.getElementById("facets");
    for (const facet of FACETS) {
      const counts = new Map();
      for (let row = 0; row < this.data.size; row += 1) {
        const value = facet.of(this.data, row);
        if (value) counts.set(value, (counts.get(value) || 0) + 1);
      }
      if (counts.size < 2) continue;
      const select = make("select", { name: facet.key, "aria-label": facet.label });
      select.append(make("option", { value: "" }, facet.key === "state" ? "Open" : "Any " + facet.label.toLowerCase()));
      const most = [...counts].sort((one, other) => other[1] - one[1]).slice(0, MOST_CHOICES);
      for (const [value, count] of most.sort((one, other) => (one[0] < other[0] ? -1 : 1))) {
        select.append(make("option", { value }, `${facet.word ? facet.word(value) : value} (${count.toLocaleString("en")})`));
      }
      select.addEventListener("change", () => this.changed({ [facet.key]: select.value }));
      this.selects[facet.key] = select;
      place.append(select);
    }
  }

  toggleSeverity(name) {
    const chosen = (readAddress().chosen.severity || "").split(",").filter(Boolean);
    const next = chosen.includes(name) ? chosen.filter((each) => each !== name) : [...chosen, name];
    this.changed({ severity: SEVERITIES.filter((each) => next.includes(each)).join(",") });
  }

  show(chosen, shown) {
    if (document.activeElement !== this.query) this.query.value = chosen.q || "";
    const severities = (chosen.severity || "").split(",");
    for (const chip of this.form.querySelectorAll("[data-severity]")) {
      chip.setAttribute("aria-pressed", String(severities.includes(chip.dataset.severity)));
    }
    const chips = document.getElementById("chosen");
    chips.replaceChildren();
    for (const facet of [...FACETS, RULE]) {
      const value = chosen[facet.key] || "";
      const select = this.selects[facet.key];
      if (select) select.value = value;
      // What no list offers is shown as a chip that takes it away.
      if (value && (!select || select.value !== value)) {
        const chip = make("button", { type: "button", class: "chip" }, `${facet.label}: ${value} ×`);
        chip.setAttribute("aria-label", `Remove the filter ${facet.label} ${value}`);
        chip.addEventListener("click", () => this.changed({ [facet.key]: "" }));
        chips.append(chip);
      }
    }
    const filtered = ["q", "severity", "rule", ...FACETS.map((facet) => facet.key)].some((key) => chosen[key]);
    document.getElementById("clear").hidden = !filtered;
    const total = (chosen.state ? this.data.size : this.data.open).toLocaleString("en");
    const number = shown.toLocaleString("en");
    document.getElementById("result").textContent =
      filtered ? `${number} of ${total} findings` : `${number} ${shown === 1 ? "finding" : "findings"}`;
    document.getElementById("empty").hidden = shown > 0;
  }
}
