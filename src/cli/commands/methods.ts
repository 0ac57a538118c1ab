// `sparsecell methods`: what `--method` takes; and that option, for the commands that have it.

import { Command, Option } from "commander";
import { trainingMethodNamed, trainingMethods } from "../../procedures/index.ts";

const EXAMPLE = `
Every method trains detectors of one or several classes. A run records its method and the options that are not the default.

Example:
  $ npx sparsecell methods
  $ npx sparsecell train data/ki67 --method bde:boxes=all,rpn=true --out runs/bde-all`;

export function methodsCommand(): Command {
  return new Command("methods")
    .description("list the training methods and their options")
    .addHelpText("after", EXAMPLE)
    .action(() => console.log(trainingMethods.map(entry).join("\n")));
}

function entry({ id, label, meaning, options }: (typeof trainingMethods)[number]): string {
  const head = `${id.padEnd(18)}${meaning} (${label})`;
  const lines = Object.entries(options).map(([name, option]) => {
    const value = typeof option.default === "number" ? Number(option.default.toPrecision(3)) : option.default;
    return `  ${(value === null ? name : `${name}=${value}`).padEnd(16)}${option.help}`;
  });
  return [head, ...lines].join("\n");
}

/** `--method`, read into the method's full name. Throws a UserError for an unknown method. */
export function methodOption(value?: string): Option {
  const auto = value === undefined ? " (default: by the plan)" : "";
  const about = `how to calibrate the loss, with options after a colon: "bde:boxes=all,rpn=true"${auto}`;
  const option = new Option("--method <name>", about).argParser((text) => trainingMethodNamed(text).name);
  return value === undefined ? option : option.default(value);
}

/** For the help of a command with that option. */
export const METHODS = `
Methods (their options: npx sparsecell methods):
${trainingMethods.map(({ id, label }) => `  ${id.padEnd(18)}${label}`).join("\n")}
`;

/** Options of a method are separated by commas, too: a part with "=" and without ":" belongs to the method before it. */
export function methodList(text: string): string[] {
  const methods: string[] = [];
  for (const part of text.split(/[\s,]+/).filter(Boolean)) {
    if (part.includes("=") && !part.includes(":") && methods.length > 0) methods.push(`${methods.pop()},${part}`);
    else methods.push(part);
  }
  return [...new Set(methods)];
}
