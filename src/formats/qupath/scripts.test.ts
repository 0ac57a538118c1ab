// The scripts in qupath/ run against small stand-ins for QuPath's classes, where Groovy is installed.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

const scripts = fileURLToPath(new URL("../../../qupath/", import.meta.url));
const dir = mkdtempSync(join(tmpdir(), "qupath-scripts-"));
after(() => rmSync(dir, { recursive: true }));
const skip = spawnSync("groovyc", ["--version"]).status === 0 ? false : "Groovy is not installed";

/** An object of a hierarchy, and what the scripts use of QuPath 0.4 to 0.7. */
const standIns: { readonly [name: string]: string } = {
  "qupath/lib/Thing": `
    class Thing {
      String type, name; double x, y, size; Thing parent; List children = []
      boolean isAnnotation() { type == "annotation" }
      Thing getROI() { this }
      boolean isArea() { size > 0 }
      boolean contains(double px, double py) { px >= x && px < x + size && py >= y && py < y + size }
      double getCentroidX() { x }
      double getCentroidY() { y }
      void addChildObjects(things) { things.each { it.parent = this; children.add(it) } }
    }`,
  "qupath/lib/gui/scripting/QPEx": `
    class QPEx {
      static final String PROJECT_BASE_DIR = "{%PROJECT}"
      static List annotations = [new qupath.lib.Thing(type: "annotation", x: 0, y: 0, size: 10)], detections = []
      static getProjectEntry() { [getID: { "7" }, getImageName: { "a.svs" }] as Entry }
      interface Entry { String getID(); String getImageName() }
      static getAnnotationObjects() { annotations }
      static getSelectedObjects() { annotations }
      static getDetectionObjects() { annotations.collectMany { it.children } }
      static buildFilePath(String first, String... more) { ([first.replace(PROJECT_BASE_DIR, System.getenv("PROJECT"))] + (more as List)).join("/") }
      static mkdirs(String path) { new File(path).mkdirs() }
      static exportObjectsToGeoJson(Collection things, String file, String option, String... options) { new File(file).text = things.size() + " " + option }
      static getCurrentServer() { new Server() }
      static getCurrentHierarchy() { new Hierarchy() }
      static fireHierarchyUpdate() { println "updated: " + annotations.collect { it.children.size() } }
    }
    class Server {
      def getBuilder() { System.getenv("BUILDER") }
      def getURIs() { [new URI("file:/slides/a%20b.svs")] }
      int getWidth() { 640 }
      int getHeight() { 480 }
    }
    class Hierarchy {
      void removeObjects(things, boolean keep) { println "removed " + things.size() }
      void addObjects(things) { println "below the root " + things.size() }
    }`,
  "qupath/lib/common/GeneralTools": `class GeneralTools { static toPath(URI uri) { java.nio.file.Paths.get(uri) } }`,
  "qupath/lib/images/servers/ImageServerBuilder": `interface ImageServerBuilder { static interface ServerBuilder {} }`,
  "qupath/lib/io/GsonTools": `class GsonTools { static getInstance() { new GsonTools() }; String toJson(thing, Class type) { '{"builderType": "' + thing + '"}' } }`,
  "qupath/lib/io/PathIO": `class PathIO { static readObjects(File file) { file.readLines().collect { new qupath.lib.Thing(type: "detection", x: it as double, y: 1) } } }`,
};

/** QuPath 0.5 moved its dialogs. */
const dialogs = { "0.4": "qupath/lib/gui/dialogs/Dialogs", "0.5": "qupath/fx/dialogs/Dialogs" };
const DIALOGS = `class Dialogs { static showErrorMessage(String title, String text) { println "dialog: " + text } }`;

before(() => {
  if (skip) return;
  compile("classes", standIns);
  for (const [version, name] of Object.entries(dialogs)) compile(version, { [name]: DIALOGS });
});

function compile(folder: string, classes: { readonly [name: string]: string }): void {
  const files = Object.entries(classes).map(([name, text]) => {
    mkdirSync(join(dir, dirname(name)), { recursive: true });
    writeFileSync(join(dir, `${name}.groovy`), `package ${dirname(name).replaceAll("/", ".")}\n${text}\n`);
    return `${name}.groovy`;
  });
  const { status, stderr } = spawnSync("groovyc", ["-d", folder, ...files], { cwd: dir, encoding: "utf8" });
  assert.equal(status, 0, stderr);
}

function run(script: string, env: object, version: keyof typeof dialogs = "0.4") {
  const file = join(dir, "script.groovy");
  writeFileSync(file, script);
  const options = { cwd: dir, encoding: "utf8", env: { ...process.env, PROJECT: dir, ...env } } as const;
  const { status, stdout, stderr } = spawnSync(
    "groovy",
    ["-cp", [join(dir, "classes"), join(dir, version)].join(":"), file],
    options,
  );
  return { status, lines: stdout.split("\n").filter((line) => line !== ""), stderr };
}

test("export-annotations.groovy writes the export of the open image, named after its entry", { skip }, () => {
  const { status, lines, stderr } = run(readFileSync(join(scripts, "export-annotations.groovy"), "utf8"), {});
  assert.equal(status, 0, stderr);
  assert.deepEqual(lines, [`sparsecell: 1 objects of a.svs in ${dir}/sparsecell/7.geojson`]);
  assert.equal(readFileSync(join(dir, "sparsecell", "7.geojson"), "utf8"), "1 FEATURE_COLLECTION");
});

test("detect.groovy runs sparsecell on the image's file, and shows what is wrong", { skip }, () => {
  const fake = join(dir, "fake.cjs");
  writeFileSync(
    fake,
    `const [command, ...rest] = process.argv.slice(2);
    if (command === "slides") console.log(JSON.stringify({ width: Number(process.env.WIDTH), height: 480 }));
    else if (process.env.FAIL) { console.error("one"); console.error("no model"); process.exit(1); }
    else {
      const after = (name) => rest[rest.indexOf(name) + 1];
      console.error([command, after("--model"), after("--"), require("fs").readFileSync(after("--regions"), "utf8")].join(", "));
      require("fs").writeFileSync(after("--out"), "1\\n2.5\\n");
    }`,
  );
  const script = readFileSync(join(scripts, "detect.groovy"), "utf8")
    .replace('"node"', JSON.stringify(process.execPath))
    .replace(/"\/path\/to\/[^"]*"/, JSON.stringify(fake))
    .replace('String model = ""', 'String model = "runs/a"');
  const good = { BUILDER: "uri", WIDTH: "640" };
  const found = run(script, good);
  assert.equal(found.status, 0, found.stderr);
  assert.deepEqual(found.lines.slice(1), [
    "predict, runs/a, /slides/a b.svs, 1 FEATURE_COLLECTION",
    "removed 0",
    "updated: [2]",
    "sparsecell: 2 cells added",
  ]);
  for (const [env, message] of [
    [{ ...good, FAIL: "1" }, /^dialog: no model$/],
    [{ ...good, BUILDER: "rotated" }, /^dialog: The image is "rotated" in QuPath/],
    [{ ...good, WIDTH: "480" }, /^dialog: QuPath shows 640 x 480 pixels, but the file has 480 x 480/],
  ] as const) {
    const { status, lines } = run(script, env, "FAIL" in env ? "0.5" : "0.4");
    assert.notEqual(status, 0);
    assert.match(lines.at(-1) ?? "", message);
  }
});
