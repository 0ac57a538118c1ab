// Reads an XML file (https://www.w3.org/TR/xml) piece by piece: each element below the root is returned whole and can then be
// released, so that a file with a million marks is never in memory as a tree. Elements know their line. Entities other than
// XML's five are an error, and nothing outside the file is read.

import { SaxesParser } from "saxes";
import { UserError } from "../errors.ts";
import { XML_COST, XML_STREAM_COST } from "../files/heap-room.ts";
import { textPieces } from "../files/text-file.ts";
import { decimal } from "./decimal.ts";

export class XmlElement {
  readonly file: string;
  readonly name: string;
  /** The line of its opening tag, counted from 1. */
  readonly line: number;
  /** The element around it; null for the root. */
  readonly parent: XmlElement | null;
  readonly children: readonly XmlElement[] = [];
  readonly #attributes: { readonly [name: string]: string };
  readonly #texts: string[] = [];

  constructor(
    { file, parent }: Pick<XmlElement, "file" | "parent">,
    line: number,
    name: string,
    attributes: { readonly [name: string]: string },
  ) {
    this.file = file;
    this.parent = parent;
    this.line = line;
    this.name = name;
    this.#attributes = attributes;
  }

  /** For the parser, while it is inside the element. */
  append(content: XmlElement | string): void {
    if (typeof content === "string") this.#texts.push(content);
    else (this.children as XmlElement[]).push(content);
  }

  /** Its text, trimmed and without that of its children. */
  get text(): string {
    return this.#texts.join("").trim();
  }

  /** An error about the element that begins with file and line. */
  fault(message: string): UserError {
    return new UserError(`${this.file}:${this.line}: ${message}`);
  }

  /** The attribute's value; undefined when it is missing. */
  find(attribute: string): string | undefined {
    return this.#attributes[attribute];
  }

  /** The attribute's value. Throws a UserError when it is missing. */
  attribute(name: string): string {
    const value = this.find(name);
    if (value === undefined) throw this.fault(`<${this.name}> has no attribute "${name}"; add it or remove the element`);
    return value;
  }

  /** The attribute as a decimal number, or `missing` without it. Throws a UserError on any other text. */
  number(attribute: string, missing?: number): number {
    if (missing !== undefined && this.find(attribute) === undefined) return missing;
    const value = decimal(this.attribute(attribute));
    if (Number.isNaN(value)) throw this.fault(`${attribute}: expected a number, got "${this.find(attribute)}"; correct it`);
    return value;
  }

  /** Its first child with that name; undefined without one. */
  child(name: string): XmlElement | undefined {
    return this.children.find((child) => child.name === name);
  }

  /** Its first child with that name. Throws a UserError without one. */
  required(name: string): XmlElement {
    const child = this.child(name);
    if (child === undefined) throw this.fault(`<${this.name}> has no <${name}>; add it or remove the element`);
    return child;
  }

  /** Its text as a decimal number. Throws a UserError on any other text. */
  toNumber(): number {
    const value = decimal(this.text);
    if (Number.isNaN(value)) throw this.fault(`<${this.name}>: expected a number, got "${this.text}"; correct it`);
    return value;
  }
}

const PIECE = 1 << 16; // characters parsed between returning complete elements

export interface XmlKind {
  /** The name of the root. */
  readonly root: string;
  /** What the file should be, for errors: "a file of ASAP". */
  readonly format: string;
  /** Elements of this name, wherever they are, are also returned each by itself, before the element around them, which then lacks them. */
  readonly release?: string;
}

/**
 * The elements directly below the root, in order. Throws a UserError with file and line when the file cannot be read, is not
 * well-formed, or has another root.
 */
export function* readXml(file: string, { root, format, release }: XmlKind): Generator<XmlElement> {
  const parser = new SaxesParser();
  const open: XmlElement[] = [];
  let [line, whole]: [number, XmlElement[]] = [1, []];
  let empty = true;
  parser.on("error", ({ message }) => {
    const fault = message.replace(/^\d+:\d+: /, "").replace(/\.$/, "");
    throw empty
      ? new UserError(`${file}:1: is empty; pass ${format}`)
      : new UserError(`${file}:${parser.line}: is not valid XML: ${fault}; correct it or export it again`);
  });
  parser.on("opentagstart", () => {
    line = parser.line;
  });
  parser.on("opentag", ({ name, attributes }) => {
    const element = new XmlElement({ file, parent: open.at(-1) ?? null }, line, name, attributes);
    if (open.length === 0 && name !== root) throw element.fault(`expected the root <${root}>, got <${name}>; pass ${format}`);
    open.push(element);
  });
  parser.on("closetag", () => {
    const element = open.pop() as XmlElement;
    if (open.length === 1 || element.name === release) whole.push(element);
    else open.at(-1)?.append(element);
  });
  const append = (content: string) => {
    if (release === undefined || content.trim() !== "") open.at(-1)?.append(content); // space between a million elements would stay
  };
  parser.on("text", append);
  parser.on("cdata", append);

  for (const text of textPieces(file, release === undefined ? XML_COST : XML_STREAM_COST)) {
    empty &&= text.trim() === "";
    for (let start = 0; start < text.length; start += PIECE) {
      parser.write(text.slice(start, start + PIECE));
      yield* whole;
      whole = [];
    }
  }
  parser.close();
}
