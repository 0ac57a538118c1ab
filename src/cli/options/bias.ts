// `--bias KIND`: which annotations people mark rather than others.

import { Option } from "commander";
import { biases, biasNames } from "../../data/bias/biases.ts";

export const biasOption = (about: string): Option => new Option("--bias <kind>", about).choices(biasNames);

const longest = Math.max(...biasNames.map(({ length }) => length));

/** Each kind and what it marks, a line each: below the options of a command. */
export const biasList = `
Which cells stay visible with --bias:
${biases.map(({ name, about }) => `  ${name.padEnd(longest)}  ${about}`).join("\n")}
`;
