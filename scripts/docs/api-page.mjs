// What `import … from "sparsecell"` gives: every export of src/index.ts with its signature, comment and examples, by room.

import { join } from "node:path";
import { rooms } from "../rooms.mjs";
import { exportsOf } from "./declarations.mjs";
import { anchorOf, block, code, heading } from "./markdown.mjs";

export function apiPage(root) {
  const found = exportsOf(join(root, "dist/index.d.ts"));
  const sections = [...rooms, { name: "", what: "what all rooms use" }]
    .map((room) => ({ ...room, entries: found.filter(({ module }) => roomOf(module) === room.name) }))
    .filter(({ entries }) => entries.length > 0);
  return `${[
    heading("The library", "src/index.ts and the comments there"),
    'Everything that `import { … } from "sparsecell"` gives. Boxes are `[x1, y1, x2, y2]` in pixels of their image, (0, 0) being its top left corner; typed arrays of boxes hold four numbers a box. Tensors, modules and optimizers come from [`@sparsecell/torch`](../../torch/README.md). Programs to copy from: [examples](../../examples/README.md). [Exit codes](commands.md#exit-codes) and [formats](formats.md) have pages of their own.',
    "",
    ...sections.map(({ name, entries }) => `- ${name || "beside the rooms"}: ${entries.map(link).join(", ")}`),
    ...sections.map(
      ({ name, what, entries }) =>
        `\n## ${name ? `src/${name}/` : "Beside the rooms"}\n\n${sentence(what)}\n\n${entries.map(entry).join("\n\n")}`,
    ),
  ].join("\n")}\n`;
}

const roomOf = (module) => /^\.\/([^/]+)\//.exec(module)?.[1] ?? "";

const link = ({ name }) => `[${code(name)}](#${anchorOf(name)})`;

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}.`;

function entry({ name, module, comment, text }) {
  const source = module.replace(/^\.\//, "src/").replace(/\.d\.ts$/, ".ts");
  const [prose, ...examples] = comment.split(/^@example\b[ \t]*/m).map((part) => part.trim());
  return [
    `### ${name}`,
    ...(prose === "" ? [] : [prose]),
    block(text, "ts"),
    ...examples.map((example) => (example.startsWith("```") ? example : block(example, "ts"))),
    `[${source}](../../${source})`,
  ].join("\n\n");
}
