// Every relative link of README, CONTRIBUTING and docs/ leads somewhere, every path that they name in `code` exists, and every
// command that they show is one that the command line takes.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { anchorOf } from "./docs/markdown.mjs";
import { filesUnder } from "./stamp.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const pages = ["README.md", "CONTRIBUTING.md", "torch/README.md", "examples", "docs"]
  .flatMap((path) => filesUnder(join(root, path)))
  .filter((file) => file.endsWith(".md"));

const textOf = (file) => readFileSync(file, "utf8");
const prose = (text) => text.replace(/^```[\s\S]*?^```$/gm, "");
const anchorsOf = (file) => [...prose(textOf(file)).matchAll(/^#+ (.+)$/gm)].map(([, title]) => anchorOf(title));

/** What is wrong with the links of a page, one line each. */
function deadLinks(file) {
  const links = [...prose(textOf(file)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link);
  return links.flatMap((link) => {
    if (/^(https?|mailto):/.test(link)) return [];
    const [path, anchor] = link.split("#");
    const target = path === "" ? file : join(dirname(file), path);
    if (!existsSync(target)) return [`${relative(root, file)}: ${link}: there is no such file`];
    const titles = anchor === undefined ? [] : anchorsOf(target).filter((title) => title === anchor);
    if (anchor !== undefined && titles.length !== 1)
      return [`${relative(root, file)}: ${link}: expected one heading, got ${titles.length}`];
    return [];
  });
}

const folders = ["src", "torch", "scripts", "test", "docs", "examples", "experiments", "benchmarks"];
const inProject = new RegExp(`^(?:\\./)?(?:${folders.join("|")})/[\\w./-]+$`);

/** Paths of the project that a page names and that are not there; NAME stands for any name. */
function deadPaths(file) {
  const named = [...prose(textOf(file)).matchAll(/`([^`\n]+)`/g)].flatMap(([, text]) => text.split(/\s+/));
  return named
    .filter((word) => inProject.test(word) && !/\b(?:build|dist)\/|NAME/.test(word) && !existsSync(join(root, word)))
    .map((word) => `${relative(root, file)}: \`${word}\`: there is no such file`);
}

test("pages are found", () => assert.ok(pages.length > 10));

test("every relative link leads to a file, and to one heading of it", () => {
  assert.deepEqual(pages.flatMap(deadLinks), []);
});

test("every path in the text exists", () => {
  assert.deepEqual(pages.flatMap(deadPaths), []);
});

test("no result names a place on the machine that made it", () => {
  const results = filesUnder(join(root, "docs/results")).filter((file) => file.endsWith(".json"));
  assert.ok(results.length > 0);
  const absolute = results.flatMap((file) => textOf(file).match(/"\/[\w.-]+\/[^"]*"/g) ?? []);
  assert.deepEqual(absolute, []);
});

const sources = ["src", "torch/src", "torch/native", "scripts", "test", "examples", "experiments", "benchmarks"]
  .flatMap((path) => filesUnder(join(root, path)))
  .filter((file) => /\.(?:ts|mjs|cc|h)$/.test(file));

test("every page of docs/ that a source names exists", () => {
  const named = sources.flatMap((file) =>
    [...textOf(file).matchAll(/(?<![\w/])docs\/[\w/-]+\.md/g)].map(([page]) => ({ file: relative(root, file), page })),
  );
  assert.ok(named.length > 0);
  assert.deepEqual(
    named.filter(({ page }) => !existsSync(join(root, page))),
    [],
  );
});

/** The command lines of sparsecell that a page shows, as words. */
function commandsIn(file) {
  const lines = textOf(file)
    .replace(/\\\n\s*/g, "")
    .split("\n");
  return lines
    .flatMap((line) => /^\s*(?:\$ )?npx sparsecell (.*)$/.exec(line)?.[1].replace(/ #.*$/, "") ?? [])
    .map((text) => ({
      file: relative(root, file),
      text,
      words: [...text.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
        ([, single, double, bare]) => single ?? double ?? bare.replace("$method", "bde"),
      ),
    }));
}

/** Null when the command line takes `words`; else what it does not take. */
function unknownWords(program, words) {
  const command = program.commands.find((each) => each.name() === words[0]);
  if (!command) return words[0];
  if (command.commands.length > 0) return unknownWords(command, words.slice(1));
  const { operands, unknown } = command.parseOptions(words.slice(1));
  if (unknown.length > 0) return unknown[0];
  const takes = command.registeredArguments;
  return operands.length > takes.length && !takes.at(-1)?.variadic ? operands.at(-1) : null;
}

test("every command in the text is one that the command line takes", async () => {
  const { program } = await import("../dist/cli/main.js");
  const commands = pages.flatMap(commandsIn).filter(({ words }) => words[0] !== "--help");
  assert.ok(commands.length > 50);
  for (const { file, text, words } of commands) {
    if (/\[options\]/.test(text)) continue; // the form of a command, in the reference
    assert.equal(unknownWords(program(), words), null, `${file}: npx sparsecell ${text}`);
  }
});
