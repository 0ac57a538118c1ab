import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { JSDOM } from "jsdom";
import { UserError } from "../errors.ts";
import { atThreshold } from "../evaluate/threshold.ts";
import { type GridRuns, gridRuns } from "../report/grid/runs.ts";
import { writeMadeUpGrid } from "../runs/grid.fixture.ts";
import { GridFolder } from "../runs/grid-folder.ts";
import { writeGridReport } from "./grid.ts";

const folder = mkdtempSync(join(tmpdir(), "grid-report-"));
const dirs = Object.fromEntries(["rates", "mitos", "broken", "single", "evil"].map((name) => [name, join(folder, name)]));
const controls = ["fpn", "bde", "constant-weight:weight=0.37", "shuffled-energy"];
before(async () => {
  await writeMadeUpGrid({
    dir: dirs.rates,
    images: 6,
    folds: 2,
    methods: controls,
    seeds: [0, 1, 2, 3],
    keeps: [0.1, 1],
    paperDataset: "ki67",
  });
});
after(() => rmSync(folder, { recursive: true }));

/** Made once per grid: tests only read it. */
const reports = new Map<string, ReturnType<typeof makeReport>>();
function report(dir: string) {
  const known = reports.get(dir) ?? makeReport(dir);
  reports.set(dir, known);
  return known;
}

async function makeReport(dir: string) {
  const notes: string[] = [];
  const { page, ...counts } = await writeGridReport({ dir, onNote: (line) => notes.push(line) });
  const files = readdirSync(join(dir, "report"));
  const read = (name: string) => readFileSync(join(dir, "report", name), "utf8");
  const html = readFileSync(page, "utf8");
  const { document } = new JSDOM(html).window;
  const texts = (selector: string, root: ParentNode = document) =>
    [...root.querySelectorAll(selector)].map((element) => element.textContent.replace(/\s+/g, " ").trim());
  const table = (title: RegExp) => {
    const found = [...document.querySelectorAll(".table")].find((element) => title.test(texts("h3", element)[0]));
    assert.ok(found, `table ${title}`);
    const rows = [...found.querySelectorAll("tbody tr")].map((row) => texts("th, td", row));
    return { heads: texts("thead th", found), rows, notes: texts(".quiet", found), element: found };
  };
  return {
    html,
    document,
    texts,
    table,
    files,
    notes,
    counts,
    markdown: read("report.md"),
    results: JSON.parse(read("results.json")),
    read,
  };
}

const runsIn = (dir: string): GridRuns => {
  const folder = new GridFolder(dir);
  return gridRuns({ grid: folder.record(), results: folder.results(), failed: folder.failed() });
};
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const of = (runs: GridRuns, method: string, keep: GridRuns["keeps"][number]) =>
  runs.runs.filter(({ unit }) => unit.method === method && unit.keep === keep);

test("the tables have the runs' means, spread and number, and the paper's values", async () => {
  const runs = runsIn(dirs.rates);
  const { table, markdown, results, counts } = await report(dirs.rates);
  assert.deepEqual(counts, { finished: 64, total: 64 });
  const byRate = table(/^AP \(%\) by the share/);
  assert.deepEqual(byRate.heads, ["annotations kept", "10 %", "100 %"]);
  const own = of(runs, "bde", 0.1).map(({ measures }) => measures.ap11);
  const sd = Math.sqrt(own.reduce((sum, value) => sum + (value - mean(own)) ** 2, 0) / 7);
  const shown = `${(100 * mean(own)).toFixed(1)} ± ${(100 * sd).toFixed(1)}`;
  assert.deepEqual(byRate.rows[1].slice(0, 2), ["FPN + BDE", `${shown}paper 46.5`]); // 46.45
  assert.match(byRate.notes[0], /n = 8 runs \(2 folds × 4 seeds\)/);
  assert.match(byRate.notes[1], /exact sign-flip permutation test.*Holm/);
  assert.ok(markdown.includes(`${shown}`) && markdown.includes("(paper 46.5)"));
  const entry = results.means.find(
    (m: { method: string; keep: number; metric: string }) => m.method === "bde" && m.keep === 0.1 && m.metric === "ap",
  );
  assert.deepEqual([entry.n, entry.mean.toFixed(5)], [8, mean(own).toFixed(5)]);
  assert.equal(results.runs.length, 64);
});

test("bold is who wins every paired test, underlined who is tied, as the JSON says", async () => {
  const { table, results, markdown } = await report(dirs.rates);
  const tests = results.tests.filter((t: { metric: string; keep: number }) => t.metric === "f1AtHalf" && t.keep === 0.1);
  assert.equal(tests.length, 3);
  const [{ best }] = tests;
  const tied = tests.filter((t: { pHolm: number }) => t.pHolm >= 0.05).map((t: { other: string }) => t.other);
  const { element, rows } = table(/score of 0\.5 or more \(%\), training with 10 %/);
  const marked = [...element.querySelectorAll("tbody tr")].map((row) => {
    const cell = row.querySelectorAll("td")[4];
    return cell.querySelector("strong") ? "best" : cell.querySelector(".tied") ? "tied" : null;
  });
  const expected = controls.map((name) =>
    name === best ? (tied.length === 0 ? "best" : "tied") : tied.includes(name) ? "tied" : null,
  );
  assert.deepEqual(marked, expected);
  assert.equal(marked[0], null, "the plain detector finds next to nothing at 0.5");
  assert.equal(rows.length, 4);
  assert.match(markdown, /<u>\d+\.\d/);
});

test("thresholds are chosen on the other fold and used on this", () => {
  const runs = runsIn(dirs.rates);
  for (const run of runs.runs.slice(0, 12)) {
    const [other] = runs.runs.filter(
      ({ unit }) =>
        unit.method === run.unit.method &&
        unit.keep === run.unit.keep &&
        unit.seed === run.unit.seed &&
        unit.fold !== run.unit.fold,
    );
    const f1 = other.measures.byThreshold.map(
      (_, k) => atThreshold(other.measures.byThreshold, other.measures.truths, k / 100).f1,
    );
    assert.equal(run.chosen?.threshold, f1.lastIndexOf(Math.max(...f1)) / 100);
    assert.equal(run.chosen?.f1, atThreshold(run.measures.byThreshold, run.measures.truths, run.chosen?.threshold ?? 0).f1);
  }
});

test("BDE against its controls: paired differences with intervals, and what is lost beside the paper's", async () => {
  const runs = runsIn(dirs.rates);
  const { table, results } = await report(dirs.rates);
  const { rows } = table(/^Differences of paired runs/);
  assert.deepEqual(rows.filter(({ length }) => length === 1).flat(), ["AP", "Recall", "F1 at 0.5", "Best F1"]);
  assert.deepEqual(
    rows.slice(1, 4).map(([label]) => label),
    ["BDE − constant weight", "BDE − shuffled energy", "BDE − FPN"],
  );
  const difference = mean(of(runs, "bde", 0.1).map(({ measures }, i) => measures.ap11 - of(runs, "fpn", 0.1)[i].measures.ap11));
  const entry = results.differences.find(
    (d: { minus: string; keep: number; metric: string }) => d.minus === "fpn" && d.keep === 0.1 && d.metric === "ap",
  );
  assert.ok(Math.abs(entry.mean - difference) < 1e-5 && entry.n === 8 && entry.values.length === 8);
  assert.ok(rows[3][1].startsWith(`+${(100 * difference).toFixed(1)}`));
  const lost = table(/^What is lost from all annotations to 10 %/);
  assert.equal(lost.rows[0][4], "−23.9");
  assert.equal(lost.rows[0][8], "−15.4");
  assert.deepEqual([lost.rows[1][4], lost.rows[1][8], lost.rows[2][4]], ["−2.6", "−0.6", "–"]);
});

test("figures have axes with units, and say n; each is a file that stands alone", async () => {
  const { files, read, texts, document, markdown } = await report(dirs.rates);
  const svgs = files.filter((name) => name.endsWith(".svg"));
  const needed = [
    "figures-5-and-6-ap-and-recall-by-rate",
    "ap-by-rate-each-method",
    "bde-against-controls",
    "recall-and-f1-by-threshold",
    "reliability",
    "froc",
  ];
  for (const name of [...needed, "figure-2-energy", "figure-2-weight", "figure-a1-training-loss", "figure-7-patches"])
    assert.ok(svgs.includes(`${name}.svg`), name);
  for (const name of svgs) {
    const text = read(name);
    const { document: svg } = new JSDOM(text, { contentType: "image/svg+xml" }).window;
    assert.equal(svg.documentElement.nodeName, "svg", name);
    assert.doesNotMatch(text, /var\(--|NaN|undefined|https?:(?!\/\/www\.w3\.org\/2000\/svg)/, name);
    assert.ok(markdown.includes(`](${name})`), name);
  }
  const rates = read("figures-5-and-6-ap-and-recall-by-rate.svg");
  for (const label of ["AP (%)", "recall (%)", "annotations kept in training (%)", "n = 8 runs"])
    assert.ok(rates.includes(label), label);
  for (const label of ["training step", "energy", "hidden positives"])
    assert.ok(read("figure-2-energy.svg").includes(label), label);
  for (const figure of document.querySelectorAll(".plot")) {
    assert.match(texts("figcaption", figure)[0], /n = \d/);
    for (const panel of figure.querySelectorAll(".panels svg[role=img]"))
      assert.ok(texts("[aria-label='x-axis label']", panel)[0]?.length > 0, texts("h3", figure)[0]);
  }
});

test("held-out patches: the same images for every method, boxes as many as said", async () => {
  const { document, texts, html } = await report(dirs.rates);
  const articles = [...document.querySelectorAll("article.patch")];
  assert.equal(articles.length, 2);
  for (const article of articles) {
    const annotated = Number(/(\d+) annotated/.exec(texts("h3", article)[0])?.[1]);
    const pictures = [...article.querySelectorAll(".picture")];
    assert.deepEqual(pictures.length, 8);
    for (const picture of pictures) {
      const [found, missed, wrong] = ["found", "missed", "wrong"].map(
        (kind) => picture.querySelectorAll(`g.${kind} rect`).length,
      );
      assert.equal(found + missed, annotated);
      assert.match(texts("figcaption", picture)[0], new RegExp(`${found} found ${missed} missed ${wrong} wrong$`));
    }
  }
  assert.equal(html.match(/data:image\/jpeg;base64/g)?.length, 2);
});

test("nothing runs and nothing is loaded; ids are unique", async () => {
  const { document, html } = await report(dirs.rates);
  assert.equal(document.querySelectorAll("script, link, iframe, object, embed, base, form, img, foreignObject").length, 0);
  for (const element of document.querySelectorAll("*"))
    for (const { name, value } of element.attributes) {
      assert.doesNotMatch(name, /^on/);
      if (/(^|:)(href|src|srcset)$/.test(name)) assert.match(value, /^(#|data:image\/)/);
    }
  assert.doesNotMatch(html, /https?:|NaN|undefined|\[object|Infinity/);
  const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
});

test("one annotation per image: the form of Tables 1 and 2, with the paper's folds and means", async () => {
  const methods = ["fpn", "bde"];
  await writeMadeUpGrid({
    dir: dirs.mitos,
    images: 6,
    folds: 2,
    methods,
    keeps: ["one-per-image"],
    paperDataset: "mitos-atypia-14",
    density: false,
  });
  const { table, texts, files } = await report(dirs.mitos);
  const { heads, rows, notes } = table(/by fold, training with one annotation per image .*Table 2/);
  assert.deepEqual(heads, ["method", "fold 1", "fold 2", "mean", "recall", "AP", "recall", "AP", "recall", "AP"]);
  assert.match(rows[1][1], /^\d+\.\dpaper 88\.5$/);
  assert.match(rows[1][6], /^\d+\.\d ± \d+\.\dpaper 44\.8$/);
  assert.ok(
    notes.some((note) =>
      note.includes(
        "With 2 pairs there are 4 ways to flip the signs, and the smallest corrected p is 0.5: no difference can be significant",
      ),
    ),
  );
  assert.ok(texts("h2").includes("BDE and the plain detector"), "without controls the question is not asked");
  assert.ok(texts(".prose").some((line) => line.includes("was not measured in these runs")));
  assert.ok(files.includes("ap-and-recall-by-method.svg") && !files.some((name) => name.startsWith("figure-2")));
});

test("a grid that is not complete says so, names what failed and goes on without pictures", async () => {
  await writeMadeUpGrid({
    dir: dirs.broken,
    images: 6,
    folds: 2,
    methods: ["fpn", "bde"],
    keeps: [0.1, 1],
    seeds: [0, 1],
    missing: ({ seed, fold }) => seed === 1 && fold === 1,
    failing: ({ method, keep, fold }) => (method === "bde" && keep === 1 && fold === 1 ? "its process ended by SIGKILL" : null),
  });
  rmSync(join(dirs.broken, "dataset", "images"), { recursive: true });
  const { texts, table, counts, notes, markdown, results, files } = await report(dirs.broken);
  assert.deepEqual(counts, { finished: 11, total: 16 });
  assert.deepEqual(texts(".warnings li"), [
    "11 of 16 runs are finished: the rest of this page is about these only.",
    "failed: fold1-keep1-bde-seed0: its process ended by SIGKILL",
  ]);
  assert.ok(markdown.includes("- 11 of 16 runs are finished"));
  assert.equal(results.failed.length, 1);
  assert.match(table(/^AP \(%\) by the share/).rows[1][2], /n = 2$/);
  assert.match(notes[0], /^no pictures of held-out patches: .*is missing/);
  assert.ok(texts(".prose").includes("No pictures: the dataset or the detections of the runs could not be read."));
  assert.ok(!files.includes("figure-7-patches.svg"));
});

test("one fold and one seed have no spread, no test and no threshold from elsewhere", async () => {
  await writeMadeUpGrid({
    dir: dirs.single,
    images: 6,
    folds: 2,
    methods: ["fpn", "bde"],
    keeps: [0.1, 1],
    missing: ({ fold }) => fold === 1,
  });
  const { table, html, texts } = await report(dirs.single);
  const { rows, notes } = table(/^AP \(%\) by the share/);
  assert.match(rows[0][1], /^\d+\.\d$/);
  assert.match(notes[0], /^n = 1 run \(of 2, 2 folds × 1 seed\): no spread/);
  const side = table(/score of 0\.5 or more/);
  assert.deepEqual([side.rows[0][6], side.rows[0][7]], ["–", "–"]);
  assert.ok(side.notes.some((note) => note.startsWith("With runs of one fold, no threshold")));
  assert.ok(
    texts(".answer").includes("One pair of runs on the same fold and seed: too few for a test to tell 2 methods apart at 5 %."),
  );
  assert.doesNotMatch(html, /NaN|undefined/);
});

test("a part that a method adds to the loss has a panel, and counts in the whole loss", async () => {
  const dir = join(folder, "added");
  cpSync(dirs.single, dir, { recursive: true });
  const [unit] = readdirSync(join(dir, "runs")).filter((name) => name.includes("bde"));
  const file = join(dir, "runs", unit, "result.json");
  const result = JSON.parse(readFileSync(file, "utf8"));
  const losses = result.losses.map((loss: object) => ({ ...loss, consistency: 100 }));
  writeFileSync(file, JSON.stringify({ ...result, losses }));
  const { texts, read } = await report(dir);
  const titles = texts(".plot h4").filter((title) => /loss|stage|consistency/.test(title));
  assert.deepEqual(
    titles,
    ["whole loss", "second stage: class", "consistency"].flatMap((part) => [`FPN, ${part}`, `FPN + BDE, ${part}`]),
  );
  assert.match(read("figure-a1-training-loss.svg"), /FPN \+ BDE, whole loss: 10 % from 10\d/);
});

test("hostile names stay text in the page, in Markdown and in SVG", async () => {
  const evil = `"'><img src=x onerror=alert(1)></title></style><script>alert(1)</script>|\n# no [x](y)`;
  const [grid] = [join(dirs.evil, "grid.json")];
  cpSync(dirs.single, dirs.evil, { recursive: true });
  const record = JSON.parse(readFileSync(grid, "utf8"));
  const settings = [{ label: evil, value: evil }];
  writeFileSync(
    grid,
    JSON.stringify({ ...record, title: evil, paper: evil, preset: evil, command: evil, settings, versions: { [evil]: evil } }),
  );
  for (const name of readdirSync(join(dirs.evil, "runs"))) {
    const file = join(dirs.evil, "runs", name, "result.json");
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), label: evil }));
  }
  const { document, texts, markdown, files, read } = await report(dirs.evil);
  assert.equal(document.querySelectorAll("img, script").length, 0);
  assert.equal(document.title.replace(/\s+/g, " "), evil.replace(/\s+/g, " "));
  assert.ok(texts("tbody th").includes(evil.replace(/\s+/g, " ")));
  assert.doesNotMatch(markdown.replace(/^ {4}.*$/gm, ""), /<(?!\/?u>)|^# no|\[x\]\(y\)/m);
  for (const name of files.filter((name) => name.endsWith(".svg"))) {
    const { document: svg } = new JSDOM(read(name), { contentType: "image/svg+xml" }).window;
    assert.equal(svg.querySelectorAll("img, script").length, 0, name);
  }
});

test("a bias is said in the subtitle, among the conditions and in the JSON; without one nothing is", async () => {
  const biased = join(folder, "biased");
  mkdirSync(biased);
  const record = JSON.parse(readFileSync(join(dirs.rates, "grid.json"), "utf8"));
  writeFileSync(join(biased, "grid.json"), JSON.stringify({ ...record, bias: "clusters" }));
  const { markdown, results } = await report(biased);
  assert.match(markdown, / · bias clusters · preset quick$/m);
  assert.match(markdown, /annotations kept.*not at random: groups of 8 neighbours; /);
  assert.equal(results.grid.bias, "clusters");
  const plain = await report(dirs.rates);
  assert.doesNotMatch(plain.markdown, /\bbias\b.* preset|not at random/);
  assert.ok(!("bias" in plain.results.grid));
  writeFileSync(join(biased, "grid.json"), JSON.stringify({ ...record, bias: "big" }));
  await assert.rejects(
    writeGridReport({ dir: biased }),
    /grid\.json:1: bias: expected "size" or .* or "clusters", got "big"; this is not/,
  );
});

test("a grid without a finished run is a report, a folder without a grid is none", async () => {
  const empty = join(folder, "empty");
  mkdirSync(empty);
  cpSync(join(dirs.rates, "grid.json"), join(empty, "grid.json"));
  const { texts, counts } = await report(empty);
  assert.deepEqual(counts, { finished: 0, total: 64 });
  assert.deepEqual(texts(".answer"), ["No run of this grid is finished yet."]);
  assert.deepEqual(texts("h2"), ["How it was made"]);
  const refused = (dir: string, message: RegExp) =>
    assert.rejects(writeGridReport({ dir }), (error) => error instanceof UserError && message.test(error.message));
  await refused(folder, /not a grid: it has no grid\.json/);
  writeFileSync(join(empty, "grid.json"), "{}");
  await refused(
    empty,
    /grid\.json:1: name: is missing; expected text; this is not the record of a grid; pass the folder of an experiment$/,
  );
  cpSync(join(dirs.rates, "grid.json"), join(empty, "grid.json"));
  mkdirSync(join(empty, "runs", "x"), { recursive: true });
  writeFileSync(join(empty, "runs", "x", "result.json"), '{"unit": 1}');
  await refused(empty, /result\.json:1: unit: expected an object, got 1; this is not the result of a run; /);
});

test("what trainings counted of the completeness is beside the truth, and in results.json", async () => {
  const dir = join(folder, "counted");
  await writeMadeUpGrid({ dir, images: 6, folds: 2, methods: ["fpn", "completeness"], keeps: [0.5] });
  const { table, results } = await makeReport(dir);
  const { rows, heads } = table(/^Part of the cells that is marked/);
  assert.deepEqual(heads.slice(-3), ["truth", "counted", "off by"]);
  assert.equal(rows.length, 1, "the plain loss counts nothing");
  const [label, truth, counted, off] = rows[0];
  assert.equal(label, "FPN + completeness");
  assert.match(truth, /^(49|50)\.\d ± 0\.\d$/);
  assert.match(counted, /^4[67]\.\d ± 3\.\d$/);
  assert.equal(off, "−5.0 ± 7.1");
  assert.deepEqual(results.runs.map((run: { completeness?: unknown }) => run.completeness !== undefined).sort(), [
    false,
    false,
    true,
    true,
  ]);
});
