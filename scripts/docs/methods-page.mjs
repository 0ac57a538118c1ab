// Every training method with its options; what it does and where it comes from is the comment at the head of its file.

import { readFileSync } from "node:fs";
import { block, code, heading, shownValue, table } from "./markdown.mjs";

export async function methodsPage() {
  const { procedures, trainingMethods: methods } = await import("../../dist/procedures/index.js");
  const roomOf = ({ id }) => (procedures.some((procedure) => procedure.id === id) ? "procedures" : "methods");
  return `${[
    heading("Methods", "src/methods/ and src/procedures/"),
    `A method is what \`--method\` takes, with options after a colon: \`--method ${code("bde:boxes=all,rpn=true").slice(1, -1)}\`. From code: \`trainingMethodNamed("bde:rpn=true")\`, or \`bde({ rpn: true })\`. [Why each is as it is](../background/method.md).`,
    "",
    table(
      ["method", "in tables", "what it does to the loss"],
      methods.map(({ id, label, meaning }) => [`[${code(id)}](#${id})`, label, meaning]),
    ),
    ...methods.map((method) => `\n${section(method, roomOf(method))}`),
  ].join("\n")}\n`;
}

function section({ id, label, meaning, options }, room) {
  const rows = Object.entries(options).map(([name, option]) => [
    code(name),
    option.help,
    code(option.auto ?? shownValue(option.default)),
  ]);
  return [
    `## ${id}`,
    `${label}: ${meaning}. [Source](../../src/${room}/${id}.ts):`,
    block(headComment(new URL(`../../src/${room}/${id}.ts`, import.meta.url)), "text"),
    rows.length > 0 ? table(["option", "meaning and range", "default"], rows) : "It has no options.",
  ].join("\n\n");
}

/** The lines of comment at the head of a source file. */
function headComment(file) {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines
    .slice(
      0,
      lines.findIndex((line) => !line.startsWith("//")),
    )
    .map((line) => line.replace(/^\/\/ ?/, ""))
    .join("\n");
}
