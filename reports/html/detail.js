// The sheet that shows one finding: what was seen, how it is mended, how it would be excused.

class Sheet {
  constructor(data) {
    this.data = data;
    this.element = document.getElementById("sheet");
    this.body = document.getElementById("sheet-body");
  }

  get isOpen() {
    return this.element.open;
  }

  show(row) {
    const { data } = this;
    document.getElementById("sheet-severity").replaceChildren(severityBadge(data.severity(row)));
    this.body.replaceChildren(
      ...[this.head(row), this.why(row), this.evidence(row), this.fix(row), this.exemption(row), this.identity(row)].filter(Boolean),
    );
    if (!this.isOpen) this.element.showModal();
    this.element.scrollTop = 0;
  }

  close() {
    if (this.isOpen) this.element.close();
  }

  head(row) {
    const { data } = this;
    const made = make("div");
    const container = data.text("container", row);
    const thing = `${data.text("kind", row)} ${data.thing(row)}${container ? `, container ${container}` : ""}`;
    made.append(
      make("p", { class: "thing" }, isolated(thing)),
      // The first thing that the sheet tells, and not one of its buttons, gets the focus.
      make("h2", { id: "sheet-title", tabindex: "-1", autofocus: "" }, isolated(data.text("message", row))),
    );
    return made;
  }

  why(row) {
    const [title = "", help = ""] = this.data.rules[this.data.text("rule", row)] || [];
    if (!title && !help) return null;
    const made = section("Why it matters");
    for (const text of [title, help.split("\n\n")[0].replace(/\s+/g, " ")].filter(Boolean)) made.append(prose(text));
    return made;
  }

  evidence(row) {
    const { data } = this;
    const table = make("table");
    table.append(make("caption", { class: "hush" }, "What was seen"));
    const head = make("tr");
    for (const name of ["Field", "Value seen", "Where"]) head.append(make("th", { scope: "col" }, name));
    table.append(make("thead", {}, head));
    const body = make("tbody");
    for (const [path, seen, place, source] of data.evidence(row)) {
      const line = make("tr");
      line.append(
        make("td", {}, make("code", {}, path || "the whole")),
        make("td", {}, make("div", { class: "value" }, make("code", {}, isolated(seen)))),
        make("td", {}, isolated([SOURCE_WORDS[source] || source, place].filter(Boolean).join(": "))),
      );
      body.append(line);
    }
    table.append(body);
    const made = section("What was seen", table);
    const counterpart = data.text("counterpart", row);
    if (counterpart) made.append(make("p", { class: "small muted" }, "The other side: ", isolated(counterpart)));
    return made;
  }

  fix(row) {
    const { data } = this;
    const suggestion = data.text("fix", row);
    if (!suggestion) {
      return section("Fix", make("p", { class: "muted" }, "No edit can be proposed: somebody must decide what is right here."));
    }
    const safe = Boolean(data.columns.safe[row]);
    const labels = make("p", { class: "labels" });
    labels.append(make("span", { class: safe ? "badge badge-good" : "badge badge-look" }, safe ? "safe to apply" : "needs a look"));
    if (data.text("note", row)) labels.append(make("span", { class: "small" }, data.text("note", row)));
    const forms = [["Git diff", "diff"], ["Kustomize patch", "kustomize"], ["kubectl patch", "kubectl"], ["Command", "command"]]
      .map(([name, column]) => [name, data.text(column, row)]).filter(([, text]) => text);
    return section("Fix", labels, ...tabs(forms.length ? forms : [["Suggestion", suggestion]]));
  }

  exemption(row) {
    const { data } = this;
    if (!data.state(row).open) return null;
    const match = { kind: data.text("kind", row), namespace: data.text("namespace", row), name: data.text("name", row), container: data.text("container", row) };
    const pairs = Object.entries(match).filter(([, value]) => value).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
    const lines = ["exemptions:", `  - rule: ${data.text("rule", row)}`, `    match: {${pairs.join(", ")}}`];
    if (data.text("env", row)) lines.push(`    environment: ${JSON.stringify(data.text("env", row))}`);
    const owner = data.text("owner", row);
    lines.push('    reason: "why this may stay for now"', `    owner: ${JSON.stringify(owner === "no owner" ? "your team" : owner)}`, `    until: ${inDays(90)}`);
    const made = make("details");
    made.append(make("summary", {}, "Exempt it for a time"), codeBlock(lines.join("\n"), "Copy the exemption"));
    return made;
  }

  identity(row) {
    const { data } = this;
    const list = make("dl", { class: "identity" });
    const facts = {
      Rule: data.text("rule", row),
      Environment: data.text("env", row),
      Where: data.place(row),
      Field: data.text("path", row),
      "Rendered from": data.text("rendered", row),
      Owner: data.text("owner", row),
      State: data.state(row).word + (data.text("reason", row) ? `: ${data.text("reason", row)}` : ""),
      Gate: data.text("tolerated", row) && `lets it pass: ${data.text("tolerated", row)}`,
      "First seen": data.text("seen", row) && dayOf(data.text("seen", row)),
      Fingerprint: data.text("fingerprint", row),
      "Read more": `readycheck rules show ${data.text("rule", row)}`,
    };
    for (const [label, value] of Object.entries(facts)) {
      if (value) list.append(make("dt", {}, label), make("dd", {}, ["Owner", "State", "Gate"].includes(label) ? isolated(value) : make("code", {}, isolated(value))));
    }
    return section("About it", list);
  }
}

const SOURCE_WORDS = { files: "declared", terraform: "recorded or planned", cluster: "live", aws: "live in AWS" };

function section(title, ...parts) {
  const made = make("section");
  made.append(make("h3", {}, title), ...parts);
  return made;
}

// A text whose `names` are set as code.
function prose(text) {
  const made = make("p");
  text.split("`").forEach((part, index) => made.append(index % 2 ? make("code", {}, part) : part));
  return made;
}

function codeBlock(text, label) {
  const block = make("div", { class: "code wraps" });
  const pre = make("pre", { tabindex: "0", "aria-label": label.replace(/^Copy /, "") });
  const code = make("code");
  if (/^(---|\+\+\+|@@) /m.test(text)) {
    for (const line of text.split(/(?<=\n)/)) {
      const kind = /^(diff |--- |\+\+\+ |@@)/.test(line) ? "hunk" : line[0] === "+" ? "added" : line[0] === "-" ? "removed" : "same";
      code.append(make("span", { class: kind }, line));
    }
  } else {
    code.append(text);
  }
  pre.append(code);
  block.append(make("button", { type: "button", class: "copy", "data-copy": "", "aria-label": label }, "Copy"), pre);
  return block;
}

// The same fix in several forms, one at a time.
function tabs(forms) {
  if (forms.length < 2) return forms.map(([, text]) => codeBlock(text, "Copy the fix"));
  const list = make("div", { class: "forms", role: "tablist", "aria-label": "Forms of the fix" });
  const panels = forms.map(([name, text], index) => {
    const panel = make("div", { role: "tabpanel", id: `form-${index}`, "aria-label": name });
    panel.hidden = index > 0;
    panel.append(codeBlock(text, `Copy the ${name}`));
    return panel;
  });
  const buttons = forms.map(([name], index) =>
    make("button", { type: "button", role: "tab", "aria-controls": `form-${index}`, "aria-selected": String(index === 0), tabindex: index ? "-1" : "0" }, name));
  const choose = (index) => {
    buttons.forEach((button, each) => {
      button.setAttribute("aria-selected", String(each === index));
      button.tabIndex = each === index ? 0 : -1;
      panels[each].hidden = each !== index;
    });
    buttons[index].focus();
  };
  buttons.forEach((button, index) => {
    button.addEventListener("click", () => choose(index));
    button.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) choose((index + step + buttons.length) % buttons.length);
    });
  });
  list.append(...buttons);
  return [list, ...panels];
}
