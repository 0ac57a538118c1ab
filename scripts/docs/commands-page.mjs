// Every command of the command line with its arguments and options, from the definitions that commander has.

import { anchorOf, block, code, heading, table } from "./markdown.mjs";

const EXIT_CODES = `## Exit codes

| code | meaning |
|---|---|
| 0 | done |
| 1 | one line on stderr says what is wrong, where, and what to do; no existing file is left half overwritten |
| 130, 143, 138 | interrupted by SIGINT (Ctrl-C), SIGTERM or SIGUSR1 (158 on macOS); \`train\`, \`experiment\`, \`run-unit\` and \`demo\` finish the current step, save a checkpoint and print the command to resume |

\`--debug\`, with any command, adds the stack trace of an error. Numbers for machines go to stdout, progress and notes to stderr.`;

export async function commandsPage() {
  const { program } = await import("../../dist/cli/main.js");
  const root = program();
  const commands = visible(root).flatMap((command) => [command, ...visible(command)]);
  const contents = commands.map((command) => {
    const title = titleOf(command);
    return [`[${code(title)}](#${anchorOf(title)})`, command.description()];
  });
  return `${[
    heading("Commands", "the command line's own definitions (src/cli/commands/)"),
    `Run a command as \`npx sparsecell COMMAND\`, in the clone. \`--help\` prints the same as here.`,
    "",
    table(["command", "what it does"], contents),
    "",
    EXIT_CODES,
    ...commands.map((command) => `\n${section(command)}`),
  ].join("\n")}\n`;
}

/** Former names are hidden. */
const visible = (command) =>
  command
    .createHelp()
    .visibleCommands(command)
    .filter((child) => command.commands.includes(child));

/** "data import" of the command `sparsecell data import`. */
function titleOf(command) {
  return command.parent?.parent ? `${titleOf(command.parent)} ${command.name()}` : command.name();
}

function section(command) {
  const title = titleOf(command);
  const parts = [`## ${title}`, sentence(command.description())];
  if (command.commands.length > 0) {
    const list = visible(command).map((child) => `[${code(titleOf(child))}](#${anchorOf(titleOf(child))})`);
    return [...parts, `Its commands: ${list.join(", ")}.`].join("\n\n");
  }
  parts.push(block(`npx sparsecell ${title} ${command.usage()}`, "sh"));
  if (command.registeredArguments.length > 0)
    parts.push(table(["argument", "meaning"], command.registeredArguments.map(argument)));
  if (command.options.length > 0) parts.push(table(["option", "meaning", "default"], command.options.map(option)));
  const after = helpAfter(command).trim();
  if (after !== "") parts.push(block(after, "text"));
  return parts.join("\n\n");
}

function argument(found) {
  const name = found.required
    ? `<${found.name()}${found.variadic ? "..." : ""}>`
    : `[${found.name()}${found.variadic ? "..." : ""}]`;
  return [code(name), meaning(found)];
}

function option(found) {
  return [code(found.flags), `${meaning(found)}${found.mandatory ? " (required)" : ""}`, defaultOf(found)];
}

const meaning = ({ description, argChoices }) =>
  argChoices ? `${description}: ${argChoices.map(code).join(", ")}` : description;

function defaultOf({ defaultValue, defaultValueDescription, negate }) {
  if (defaultValueDescription) return defaultValueDescription;
  return defaultValue === undefined || negate ? "" : code(Array.isArray(defaultValue) ? defaultValue.join(" ") : defaultValue);
}

/** What stands below the options in a command's help. */
function helpAfter(command) {
  let text = "";
  command.emit("afterHelp", { error: false, command, write: (more) => (text += more) });
  return text;
}

const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}.`;
