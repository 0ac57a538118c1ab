// Parses JSON (RFC 8259) and refuses what JSON.parse silently accepts: duplicate keys and integers that lose precision.
// Integers are returned as bigint, other numbers as number, objects as Map.

import { quote } from "./weight-file-error.ts";

export type Json = null | boolean | bigint | number | string | Json[] | Map<string, Json>;

const DEEPEST = 32;
const LONGEST_NUMBER = 32;
const WHITESPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;

/** Throws a SyntaxError that says what is wrong, and at which character (from 0). */
export function parseStrictJson(text: string): Json {
  const parser = new Parser(text);
  const value = parser.value(0);
  parser.skip();
  if (parser.at < text.length) throw parser.fault("expected the end");
  return value;
}

class Parser {
  readonly #text: string;
  at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  fault(what: string): SyntaxError {
    return new SyntaxError(`${what} at character ${this.at}`);
  }

  skip(): void {
    this.#match(WHITESPACE);
  }

  value(depth: number): Json {
    if (depth > DEEPEST) throw this.fault(`nested deeper than ${DEEPEST}`);
    this.skip();
    switch (this.#text[this.at]) {
      case "{":
        return this.#object(depth);
      case "[":
        return this.#array(depth);
      case '"':
        return this.#string();
      case "t":
        return this.#word("true", true);
      case "f":
        return this.#word("false", false);
      case "n":
        return this.#word("null", null);
      default:
        return this.#number();
    }
  }

  #object(depth: number): Map<string, Json> {
    const members = new Map<string, Json>();
    this.at++;
    if (this.#accept("}")) return members;
    do {
      this.skip();
      const start = this.at;
      const key = this.#string();
      if (members.has(key)) {
        this.at = start;
        throw this.fault(`the key ${quote(key)} a second time`);
      }
      this.#expect(":");
      members.set(key, this.value(depth + 1));
    } while (this.#accept(","));
    this.#expect("}");
    return members;
  }

  #array(depth: number): Json[] {
    const items: Json[] = [];
    this.at++;
    if (this.#accept("]")) return items;
    do items.push(this.value(depth + 1));
    while (this.#accept(","));
    this.#expect("]");
    return items;
  }

  #string(): string {
    const text = this.#text;
    if (text[this.at] !== '"') throw this.fault("expected text in quotes");
    let end = this.at + 1;
    while (end < text.length && text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
    let value: unknown;
    try {
      value = JSON.parse(text.slice(this.at, end + 1));
    } catch {
      throw this.fault("broken text");
    }
    if (/\p{Surrogate}/u.test(value as string)) throw this.fault("text with half a surrogate pair");
    this.at = end + 1;
    return value as string;
  }

  #number(): bigint | number {
    const [token, fraction, exponent] = this.#match(NUMBER) ?? [""];
    if (token === "") throw this.fault("expected a value");
    if (token.length > LONGEST_NUMBER) throw this.fault("a number that is too long before");
    return fraction === undefined && exponent === undefined ? BigInt(token) : Number(token);
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.at)) throw this.fault("expected a value");
    this.at += word.length;
    return value;
  }

  #accept(character: string): boolean {
    this.skip();
    if (this.#text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  #expect(character: string): void {
    if (!this.#accept(character)) throw this.fault(`expected ${character}`);
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.#text);
    if (match) this.at = pattern.lastIndex;
    return match;
  }
}
