// Every command explains itself with an example, and at once: neither libtorch nor an image decoder is loaded for it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

// Prints every command's help as JSON, and the native addons that were loaded on the way.
const script = `
  import { run } from ${JSON.stringify(import.meta.resolve("./main.js"))};
  const print = process.stdout.write.bind(process.stdout);
  const addons = [];
  const load = process.dlopen;
  process.dlopen = function (...args) {
    addons.push(args[1]);
    return load.apply(this, args);
  };
  const helps = {};
  async function visit(command) {
    let text = "";
    process.stdout.write = (part) => ((text += part), true);
    const status = await run([...command, "--help"]);
    helps[command.join(" ")] = { status, text };
    const list = /^Commands:\\n((?: .*\\n)*)/m.exec(text)?.[1] ?? "";
    for (const [, name] of list.matchAll(/^ {2}([a-z-]+)/gm)) if (name !== "help") await visit([...command, name]);
  }
  await visit([]);
  print(JSON.stringify({ helps, addons }));
`;

test("every command's --help has an example of it; nothing slow is loaded", () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  assert.deepEqual([status, stderr], [0, ""]);
  const { helps, addons } = JSON.parse(stdout) as { helps: Record<string, { status: number; text: string }>; addons: string[] };
  assert.deepEqual(addons, []);
  const commands = [
    "demo",
    "doctor",
    "setup",
    "reproduce",
    "data",
    "data check",
    "data check-paper",
    "data export",
    "data import",
    "data info",
    "data sparsify",
    "data split",
    "data synth",
    "data patches",
    "data view",
    "train",
    "predict",
    "evaluate",
    "compare",
    "export",
    "export model",
    "experiment",
    "gradients",
    "report",
    "methods",
    "open",
    "plan",
    "slides",
    "slides info",
    "slides tissue",
    "bench",
    "status",
    "cancel",
    "run-unit",
    "element",
  ];
  assert.deepEqual(Object.keys(helps).sort(), ["", ...commands].sort());
  for (const [command, { status, text }] of Object.entries(helps)) {
    assert.equal(status, 0);
    const isGroup = ["data", "export", "slides"].includes(command);
    const example = text.split("\nExample:\n")[1] ?? "";
    if (!isGroup) assert.ok(example.includes(`  $ npx sparsecell ${command || "demo"}`), text);
  }
});
