// The part of YAML 1.2 (https://yaml.org/spec/1.2.2) in which data.yaml of YOLO is written: keys at the top, whose values are a
// text, a list or a map of texts, in lines of their own or in brackets. Anything else in a wanted value is refused, so that no
// name is guessed; other keys, such as a script for the download, are passed over.

import { UserError } from "../../errors.ts";
import { TEXT_COST } from "../../files/heap-room.ts";
import { readTextFile } from "../../files/text-file.ts";

export type YamlValue = string | readonly string[] | ReadonlyMap<string, string> | null;

export interface YamlEntry {
  readonly value: YamlValue;
  readonly line: number;
}

interface Line {
  readonly text: string;
  readonly number: number;
}

/** The values of the `wanted` keys that are there. Throws a UserError with file and line on what is not of this part of YAML. */
export function readYaml(file: string, wanted: readonly string[]): Map<string, YamlEntry> {
  const fault = (line: number, message: string): UserError => new UserError(`${file}:${line}: ${message}`);
  const entries = new Map<string, YamlEntry>();
  const lines = readTextFile(file, TEXT_COST)
    .split(/\r?\n/)
    .map((text, i): Line => ({ text, number: i + 1 }));
  let at = 0;
  while (at < lines.length) {
    const { text, number } = lines[at++];
    if (isBlank(text) || /^(?:---|\.\.\.|%)/.test(text)) continue;
    const [, key, rest] = /^("[^"]*"|'[^']*'|[^\s:#'"[\]{}-][^:#]*?)\s*:(?:\s+(.*))?$/.exec(text) ?? [];
    if (key === undefined) throw fault(number, `expected "key: value", got "${text.slice(0, 60)}"; correct the line`);
    const block: Line[] = [];
    for (; at < lines.length && (isBlank(lines[at].text) || /^(?:\s|-(?:\s|$))/.test(lines[at].text)); at++)
      block.push(lines[at]);
    const name = scalar(key, (message) => fault(number, message));
    if (!wanted.includes(name)) continue;
    if (entries.has(name)) throw fault(number, `the key "${name}" is there twice; remove one`);
    const read = {
      name,
      fault,
      first: { text: uncommented(rest ?? ""), number },
      block: block.filter(({ text }) => !isBlank(text)),
    };
    entries.set(name, { value: readValue(read), line: number });
  }
  return entries;
}

const isBlank = (text: string): boolean => /^\s*(?:#.*)?$/.test(text);

interface Reading {
  readonly name: string;
  readonly fault: (line: number, message: string) => UserError;
  readonly first: Line;
  readonly block: readonly Line[];
}

function readValue({ name, fault, first, block }: Reading): YamlValue {
  const refuse = (line: number, message: string) => fault(line, `${name}: ${message}`);
  if (first.text === "") return block.length === 0 ? null : blockOf(block, refuse);
  if (/^[[{]/.test(first.text))
    return bracketsOf([first.text, ...block.map(({ text }) => uncommented(text))].join(" "), (message) =>
      refuse(first.number, message),
    );
  if (block.length > 0) throw refuse(block[0].number, "goes on in another line; write it in one");
  return scalar(first.text, (message) => refuse(first.number, message));
}

/** Lines of "- text" or of "key: text", all equally far from the left. */
function blockOf(block: readonly Line[], refuse: (line: number, message: string) => UserError): YamlValue {
  const indentOf = (text: string): number => text.length - text.trimStart().length;
  const indent = indentOf(block[0].text);
  const isList = /^-(?:\s|$)/.test(block[0].text.trimStart());
  const [list, map]: [string[], Map<string, string>] = [[], new Map()];
  for (const { text, number } of block) {
    const content = uncommented(text.trimStart());
    const at = (message: string): UserError => refuse(number, message);
    if (indentOf(text) !== indent || /\t/.test(text.slice(0, indent))) throw at("expected lines that begin at the same column");
    if (isList) {
      if (!/^-\s+\S/.test(content)) throw at(`expected "- text", got "${content.slice(0, 60)}"`);
      list.push(scalar(content.slice(1).trim(), at));
    } else addPair(map, content, at);
  }
  return isList ? list : map;
}

function addPair(map: Map<string, string>, pair: string, at: (message: string) => UserError): void {
  const [, key, value] = /^("[^"]*"|'[^']*'|[^:]+?)\s*:(?:\s+(.*))?$/.exec(pair) ?? [];
  if (key === undefined || !value?.trim()) throw at(`expected "key: text", got "${pair.slice(0, 60)}"`);
  const name = scalar(key, at);
  if (map.has(name)) throw at(`the key "${name}" is there twice; remove one`);
  map.set(name, scalar(value.trim(), at));
}

/** [a, b] or {0: a, 1: b}. */
function bracketsOf(text: string, at: (message: string) => UserError): YamlValue {
  const closer = text[0] === "[" ? "]" : "}";
  const items: string[] = [];
  let [start, quote, end] = [1, "", -1];
  for (let i = 1; i < text.length && end === -1; i++) {
    const c = text[i];
    if (quote !== "") {
      if (c === "\\" && quote === '"') i++;
      else if (c === quote) quote = "";
    } else if (
      c === '"' ||
      (c === "'" &&
        text
          .slice(start, i)
          .trim()
          .replace(/^.*:\s/, "") === "")
    )
      quote = c;
    else if (c === "[" || c === "{") throw at("expected a list of texts, got a list in a list");
    else if (c === "," || c === closer) {
      items.push(text.slice(start, i).trim());
      start = i + 1;
      if (c === closer) end = i;
    }
  }
  if (end === -1) throw at(`expected a closing ${closer}`);
  if (text.slice(end + 1).trim() !== "") throw at(`expected nothing after the closing ${closer}`);
  if (items.at(-1) === "") items.pop(); // [] and a comma before the bracket
  if (closer === "]") return items.map((item) => scalar(item, at));
  const map = new Map<string, string>();
  for (const item of items) addPair(map, item, at);
  return map;
}

/** A quoted or a plain text. */
function scalar(text: string, at: (message: string) => UserError): string {
  if (text.startsWith("'")) {
    if (!/^'(?:[^']|'')*'$/.test(text)) throw at(`expected a closing ' in ${text.slice(0, 60)}`);
    return text.slice(1, -1).replaceAll("''", "'");
  }
  if (text.startsWith('"')) {
    try {
      return JSON.parse(text) as string; // YAML's escapes are JSON's and some more
    } catch {
      throw at(`expected text in double quotes, got ${text.slice(0, 60)}`);
    }
  }
  if (text === "" || /^[|>&*!%@`?[\]{}]|^-\s/.test(text)) throw at(`expected a text, got "${text.slice(0, 60)}"`);
  return text;
}

/** Without a comment, which begins with # after a space, outside quotes; trimmed. */
function uncommented(text: string): string {
  let quote = "";
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quote !== "") {
      if (c === "\\" && quote === '"') i++;
      else if (c === quote) quote = "";
    } else if (c === '"' || c === "'") {
      if (i === 0 || /[\s[{,:]/.test(text[i - 1])) quote = c;
    } else if (c === "#" && (i === 0 || /\s/.test(text[i - 1]))) return text.slice(0, i).trim();
  }
  return text.trim();
}
