// Finds where in a JSON text (RFC 8259) a value is and where a malformed text breaks. JSON.parse is several times faster but
// says neither, so this runs only when an error has to be reported. Without recursion, so that deep nesting cannot overflow
// the stack.

/** Keys and indices from the root to a value: ["annotations", 3, "bbox"]. */
export type JsonPath = readonly (string | number)[];

export interface SyntaxFault {
  /** Index into the text. */
  readonly offset: number;
  readonly message: string;
}

/** The offset of the value at `path`, or of its nearest ancestor that exists. `text` must be valid JSON. */
export function offsetOfPath(text: string, path: JsonPath): number {
  let offset = 0;
  walk(text, (keys, at) => {
    if (keys.length > path.length || keys.some((key, depth) => key !== path[depth])) return false;
    offset = at;
    return keys.length === path.length;
  });
  return offset;
}

/** The offsets of all items of the list at `path`; none when there is no list. `text` must be valid JSON. */
export function offsetsOfItems(text: string, path: JsonPath): number[] {
  const offsets: number[] = [];
  walk(text, (keys, at) => {
    if (keys.length === path.length + 1 && path.every((key, depth) => key === keys[depth])) offsets.push(at);
    return false;
  });
  return offsets;
}

/** The first place that breaks JSON's grammar; null when there is none. */
export function findSyntaxFault(text: string): SyntaxFault | null {
  try {
    walk(text, () => false);
    return null;
  } catch (error) {
    if (error instanceof Fault) return { offset: error.offset, message: error.message };
    throw error;
  }
}

class Fault extends Error {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORD = /[+-]?[A-Za-z_]+|[^\s]/uy;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** Visits every value with its path (one array, changing in place) and offset; `visit` returns true to stop. */
function walk(text: string, visit: (path: JsonPath, offset: number) => boolean): void {
  const path: (string | number)[] = [];
  const closers: ("}" | "]")[] = [];
  let at = 0;

  const match = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? "";
    at += found.length;
    return found;
  };
  const unexpected = (expected: string): Fault => {
    const offset = at;
    if (at >= text.length) return new Fault(offset, `the file ends where ${expected} should follow; it may be cut off`);
    return new Fault(offset, `expected ${expected}, got ${match(WORD)}`);
  };
  const string = (): string => {
    const start = at++;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === 0x22) return text.slice(start, ++at);
      if (code !== 0x5c && code >= 0x20) at++;
      else if (at >= text.length) throw new Fault(start, "a string without its closing quote; the file may be cut off");
      else if (code !== 0x5c || match(ESCAPE) === "") throw new Fault(at, "a control character or unknown escape in a string");
    }
  };
  const key = (): string => {
    match(SPACE);
    if (text[at] !== '"') throw unexpected("a key in double quotes");
    const name: string = JSON.parse(string());
    match(SPACE);
    if (text[at] !== ":") throw unexpected(`a colon after "${name}"`);
    at++;
    return name;
  };
  const scalar = () => {
    if (text[at] === '"') string();
    else if (match(NUMBER) === "") {
      const literal = /(?:true|false|null)(?![A-Za-z0-9_])/y;
      if (match(literal) === "") throw unexpected("a value");
    }
  };
  /** Enters a container; false when it is empty and was left at once. */
  const open = (closer: "}" | "]"): boolean => {
    at++;
    match(SPACE);
    if (text[at] === closer) {
      at++;
      return false;
    }
    closers.push(closer);
    path.push(closer === "}" ? key() : 0);
    return true;
  };
  /** Leaves all containers that end here; true when another value follows, false at the end of the text. */
  const next = (): boolean => {
    for (;;) {
      match(SPACE);
      const closer = closers.at(-1);
      if (closer === undefined) {
        if (at < text.length) throw unexpected("the end of the file");
        return false;
      }
      if (text[at] === ",") {
        at++;
        const before = path.pop();
        path.push(typeof before === "number" ? before + 1 : key());
        return true;
      }
      if (text[at] !== closer) throw unexpected(`a comma or ${closer}`);
      at++;
      closers.pop();
      path.pop();
    }
  };

  for (;;) {
    match(SPACE);
    if (at >= text.length) throw unexpected("a value");
    if (visit(path, at)) return;
    const c = text[at];
    if ((c === "{" && open("}")) || (c === "[" && open("]"))) continue;
    if (c !== "{" && c !== "[") scalar();
    if (!next()) return;
  }
}
