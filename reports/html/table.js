// The table: only the rows that can be seen are in the page, so that it takes 50,000 findings as it takes 50.

const AROUND = 12;

class Table {
  constructor(data) {
    this.data = data;
    this.element = document.getElementById("table");
    this.body = this.element.tBodies[0];
    this.rows = [];
    this.chosen = {};
    this.current = -1;
    this.drawn = new Map();
    this.above = spacer();
    this.below = spacer();
    this.body.append(this.above, this.below);
    let asked = false;
    const draw = () => {
      if (asked) return;
      asked = true;
      requestAnimationFrame(() => {
        asked = false;
        this.draw();
      });
    };
    addEventListener("scroll", draw, { passive: true });
    addEventListener("resize", () => {
      this.height = 0;
      draw();
    });
    this.body.addEventListener("click", (event) => {
      const line = event.target.closest("tr[data-row]");
      if (line && !event.target.closest("a")) line.querySelector("a").click();
    });
    this.body.addEventListener("focusin", (event) => {
      const line = event.target.closest("tr[data-row]");
      if (line) this.current = Number(line.getAttribute("aria-rowindex")) - 2;
    });
  }

  show(rows, chosen) {
    const same = rows.length === this.rows.length && rows.every((row, index) => row === this.rows[index]);
    this.chosen = chosen;
    this.rows = rows;
    this.element.setAttribute("aria-rowcount", String(rows.length + 1));
    if (!same) {
      this.current = -1;
      for (const line of this.drawn.values()) line.remove();
      this.drawn.clear();
    }
    for (const [, line] of this.drawn) this.link(line);
    this.draw();
  }

  rowHeight() {
    if (!this.height) {
      const line = this.body.querySelector("tr[data-row]");
      this.height = line ? line.getBoundingClientRect().height : 60;
    }
    return this.height || 60;
  }

  draw() {
    if (!this.element.offsetParent) return;
    const height = this.rowHeight();
    const top = this.body.getBoundingClientRect().top;
    const first = Math.max(0, Math.min(Math.floor(-top / height) - AROUND, this.rows.length));
    const last = Math.min(this.rows.length, Math.ceil((innerHeight - top) / height) + AROUND);
    for (const [index, line] of this.drawn) {
      // The line that has the focus stays, or the keyboard would lose its place.
      if ((index < first || index >= last) && !line.contains(document.activeElement)) {
        line.remove();
        this.drawn.delete(index);
      }
    }
    for (let index = first; index < last; index += 1) {
      if (this.drawn.has(index)) continue;
      const line = this.line(index);
      let next = index + 1;
      while (next < last && !this.drawn.has(next)) next += 1;
      this.body.insertBefore(line, next < last ? this.drawn.get(next) : this.below);
      this.drawn.set(index, line);
    }
    const kept = [...this.drawn.keys()].filter((index) => index < first || index >= last);
    this.above.firstChild.style.height = `${(first - kept.filter((index) => index < first).length) * height}px`;
    this.below.firstChild.style.height =
      `${(this.rows.length - last - kept.filter((index) => index >= last).length) * height}px`;
    if (!this.height) this.draw();
  }

  line(index) {
    const { data } = this;
    const row = this.rows[index];
    const line = make("tr", { "data-row": row, "aria-rowindex": index + 2 });
    const kind = [data.text("kind", row), data.text("container", row) && `container ${data.text("container", row)}`]
      .filter(Boolean).join(", ");
    const where = data.text("env", row) ? `${data.text("env", row)} · ${kind}` : kind;
    const uri = data.text("uri", row);
    const folder = uri.slice(0, uri.lastIndexOf("/") + 1);
    const seen = data.text("seen", row);
    line.append(
      cell(severityBadge(data.severity(row))),
      cell(
        span("one", make("a", {}, isolated(data.text("message", row)))),
        span("under", `${data.text("kind", row)} ${data.thing(row)}`),
        span("two-line", make("code", {}, data.text("rule", row))),
      ),
      cell(span("one", isolated(data.thing(row))), span("two-line", isolated(where)), "mid"),
      cell(span("one", isolated(data.place(row).slice(folder.length) || "not in a file")), span("two-line", isolated(folder)), "wide"),
      cell(span("one", data.state(row).word), span("two-line", seen ? `since ${dayOf(seen)}` : data.text("tolerated", row)), "wide"),
    );
    this.link(line);
    return line;
  }

  link(line) {
    const fingerprint = this.data.text("fingerprint", Number(line.dataset.row));
    line.querySelector("a").href = addressOf("findings", { ...this.chosen, open: fingerprint });
  }

  // Move to a row by the keyboard, or to where the sheet is.
  go(index, focus = true) {
    if (!this.rows.length) return -1;
    this.current = Math.max(0, Math.min(index, this.rows.length - 1));
    const height = this.rowHeight();
    const top = this.body.getBoundingClientRect().top + this.current * height;
    const ceiling = this.element.tHead.getBoundingClientRect().bottom;
    if (top < ceiling) scrollBy(0, top - ceiling);
    else if (top + height > innerHeight) scrollBy(0, top + height - innerHeight);
    this.draw();
    if (focus) this.drawn.get(this.current)?.querySelector("a").focus({ preventScroll: true });
    return this.rows[this.current];
  }
}

function spacer() {
  const line = make("tr", { class: "spacer", "aria-hidden": "true" });
  // One cell alone: a wider one would count the columns that a narrow screen hides.
  line.append(make("td"));
  return line;
}

function cell(...parts) {
  const name = typeof parts.at(-1) === "string" ? parts.pop() : "";
  const made = make("td", name ? { class: name } : {});
  made.append(...parts);
  return made;
}

function span(name, ...parts) {
  const made = make("span", { class: name });
  made.append(...parts);
  return made;
}
