// gpu-check.json: what has been measured so far, with the card that measured it; and its rows as Markdown.

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export class Results {
  #file;
  #data;

  /** Goes on with the results in `dir` if they are of the same card, libtorch and version; others are an Error. */
  constructor(dir, facts) {
    mkdirSync(dir, { recursive: true });
    this.#file = join(dir, "gpu-check.json");
    this.#data = existsSync(this.#file) ? JSON.parse(readFileSync(this.#file, "utf8")) : { facts, parts: {}, partial: {} };
    const other = Object.keys(facts).find((key) => this.#data.facts[key] !== facts[key]);
    if (other)
      throw new Error(
        `${this.#file}: has another ${other} (${this.#data.facts[other]}, here ${facts[other]}); pass another --out`,
      );
  }

  has(part) {
    return part in this.#data.parts;
  }

  /** What was measured of a part that is not done. */
  earlier(part) {
    return this.#data.partial[part];
  }

  set(part, value) {
    this.#data.parts[part] = value;
    delete this.#data.partial[part];
    this.#write();
  }

  partial(part, value) {
    this.#data.partial[part] = value;
    this.#write();
  }

  #write() {
    writeFileSync(`${this.#file}.tmp`, `${JSON.stringify(this.#data, null, 1)}\n`);
    renameSync(`${this.#file}.tmp`, this.#file);
    writeFileSync(this.#file.replace(/json$/, "md"), this.markdown());
  }

  markdown() {
    const { facts, parts, partial } = this.#data;
    const { card, libtorch, sparsecell, node } = facts;
    return [
      `Card: ${card}; sparsecell ${sparsecell}, libtorch ${libtorch}, Node ${node}.`,
      checkRows(parts.checks),
      ...Object.entries(parts.bench ?? partial.bench ?? {}).map(([dtype, rows]) => benchTable(dtype, rows)),
      protocolTable(parts.protocol ?? partial.protocol),
      "",
    ]
      .filter((text) => text !== null)
      .join("\n\n");
  }
}

function checkRows(checks) {
  if (!checks) return null;
  const failed = checks.filter(({ ok }) => !ok).map(({ name, reason }) => `\n- failed: ${name}: ${reason}`);
  return `Checks against the processor: ${checks.length - failed.length} of ${checks.length} passed.${failed.join("")}`;
}

const time = (seconds) => (seconds >= 1 ? `${seconds.toPrecision(3)} s` : `${(1000 * seconds).toPrecision(3)} ms`);

/** As docs/background/performance.md. */
function benchTable(dtype, rows) {
  const lines = rows.map(({ part, seconds, theirs, ratios }) => {
    const ratio = theirs ? `${theirs.ratio.toFixed(3)} (${ratios.map((each) => each.toFixed(3)).join(", ")})` : "–";
    return `| ${part}, ${dtype} | ${time(seconds)} | ${theirs ? time(theirs.seconds) : "–"} | ${ratio} |`;
  });
  return ["| | sparsecell | torchvision | ratio (each round) |", "|---|---|---|---|", ...lines].join("\n");
}

const percent = (part) => (part === null || part === undefined ? "–" : (100 * part).toFixed(1));

/** As docs/results.md. */
function protocolTable(protocol) {
  if (!protocol) return null;
  const lines = protocol.runs.map(
    ({ method, keep, ap, recall, f1AtHalf, bestF1, trainSeconds }) =>
      `| ${method} | ${100 * keep} % | ${percent(ap)} | ${percent(recall)} | ${percent(f1AtHalf)} | ${percent(bestF1)} | ${Math.round(trainSeconds)} s |`,
  );
  const head = ["| method | annotations | AP | recall | F1 at 0.5 | best F1 | training |", "|---|---|---|---|---|---|---|"];
  return [`${protocol.finished} of ${protocol.total} trainings:`, "", ...head, ...lines].join("\n");
}
