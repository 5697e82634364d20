"use strict";
// The findings: columns of numbers, and the texts that these stand for.

const SEVERITIES = ["critical", "high", "medium", "low", "info"];
// The states that a finding can have, and whether it is open in it.
const STATES = {
  open: { word: "open", open: true },
  new: { word: "new", open: true },
  reopened: { word: "reopened", open: true },
  still: { word: "still open", open: true },
  judged: { word: "newly judged", open: true },
  fixed: { word: "fixed", open: false },
  exempt: { word: "newly exempt", open: false },
  unjudged: { word: "no longer judged", open: false },
};

async function readData() {
  const element = document.getElementById("data");
  if (element.type === "application/json") return new Findings(JSON.parse(element.textContent));
  const packed = Uint8Array.from(atob(element.textContent), (character) => character.charCodeAt(0));
  const plain = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Findings(JSON.parse(await new Response(plain).text()));
}

class Findings {
  constructor(data) {
    this.strings = data.strings;
    this.columns = data.columns;
    this.rules = data.rules;
    this.compared = data.compared;
    this.size = data.columns.env.length;
    this.open = 0;
    for (let row = 0; row < this.size; row += 1) this.open += Number(this.state(row).open);
    this.texts = null;
  }

  text(column, row) {
    return this.strings[this.columns[column][row]];
  }

  severity(row) {
    return SEVERITIES[this.columns.severity[row]];
  }

  state(row) {
    return STATES[this.text("state", row)];
  }

  area(row) {
    return this.text("rule", row).split("/", 1)[0];
  }

  thing(row) {
    const namespace = this.text("namespace", row);
    return (namespace ? namespace + "/" : "") + this.text("name", row);
  }

  place(row) {
    const line = this.columns.line[row];
    return this.text("uri", row) + (line ? ":" + line : "");
  }

  evidence(row) {
    return this.columns.evidence[row].map((piece) => piece.map((number) => this.strings[number]));
  }

  // What a search looks through: made when somebody first searches.
  searched(row) {
    if (this.texts === null) {
      const columns = ["message", "rule", "kind", "namespace", "name", "container", "uri", "owner", "env"];
      const lower = this.strings.map((text) => text.toLowerCase());
      this.texts = Array.from({ length: this.size }, (_, each) =>
        columns.map((column) => lower[this.columns[column][each]]).join("\n"));
    }
    return this.texts[row];
  }
}
