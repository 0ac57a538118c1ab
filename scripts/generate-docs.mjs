// Writes the generated pages of docs/ from what the program itself declares: commands and options, settings, methods, formats,
// the library's exports, the rooms of src/.
//   npm run docs                        builds, then writes the pages
//   npm test -- docs                    says which page is stale
// The pages are the same on every machine.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { apiPage } from "./docs/api-page.mjs";
import { commandsPage } from "./docs/commands-page.mjs";
import { formatsPage } from "./docs/formats-page.mjs";
import { methodsPage } from "./docs/methods-page.mjs";
import { roomsTable } from "./docs/rooms-table.mjs";
import { settingsPage } from "./docs/settings-page.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const architecture = "docs/background/architecture.md";

/** Every generated page as [path in the project, text]. */
export async function generatedPages() {
  return [
    ["docs/reference/commands.md", await commandsPage()],
    ["docs/reference/settings.md", await settingsPage()],
    ["docs/reference/methods.md", await methodsPage()],
    ["docs/reference/formats.md", await formatsPage()],
    ["docs/reference/api.md", apiPage(root)],
    [architecture, between(readPage(architecture), "rooms", roomsTable())],
  ];
}

/** The page at `path`; empty where there is none. */
export function readPage(path) {
  try {
    return readFileSync(join(root, path), "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return "";
    throw error;
  }
}

/** `page` with `text` between its two markers. */
function between(page, name, text) {
  const [start, end] = [`<!-- generated: ${name} -->`, `<!-- end of ${name} -->`];
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`expected the markers ${start} and ${end}`);
  return `${page.slice(0, from)}${start}\n${text}\n${page.slice(to)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of await generatedPages()) {
    if (readPage(path) === text) continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    process.stdout.write(`${path}\n`);
  }
}
