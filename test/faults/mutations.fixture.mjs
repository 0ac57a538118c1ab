// Seeded damage to files: bytes, JSON values, and the numbers, names and lines of a text. The same seed gives the same damage.
// `random` is a generator of numbers in [0, 1) (fault-script.mjs).

import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { crc32 } from "node:zlib";

const one = (random, list) => list[Math.floor(random() * list.length)];
const below = (random, end) => Math.floor(random() * end);
/** The number of damaged places: usually one, so that damage deep inside is reached. */
const few = (random, most) => 1 + Math.floor(random() ** 2 * most);

/** A seed for a place in a test, determined by its parts. */
export function seedOf(...parts) {
  return crc32(Buffer.from(JSON.stringify(parts)));
}

/** Troublesome texts: other folders, other types, control characters, prototypes, great length. */
const TEXTS = [
  ...["", " ", ".", "..", "../../../escaped", "/escaped", "..\\..\\escaped.png", "C:\\escaped.png", "a/../../../../escaped.png"],
  ...["a\u0000b.png", "two\nlines", "tab\tand\rreturn", "\u001b[2J\u001b[31mred", "\u202egnp.a", "\ufeffa", "\ud800", "\u2028"],
  ...[
    "__proto__",
    "constructor",
    "toString",
    "null",
    "NaN",
    "1e999",
    "-1",
    "0x10",
    "é\u0301",
    "%2e%2e%2fescaped",
    "file:///etc/passwd",
  ],
  ...["a".repeat(5000), "🔬".repeat(300), "a.png", "b.png", "$(touch escaped)", "'; --", "<!--", "]]>", "&xx;"],
];
const NUMBERS = [
  ...[0, -0, 1, -1, 2, 7, 0.5, -0.5, 1e-320, 255, 256, 65535, 65536, 1e9, -1e9, 999999999, 2 ** 31 - 1, 2 ** 31, 2 ** 32],
  ...[2 ** 53, 2 ** 53 + 2, 1e21, 1e308, -1e308, 5e-324],
];
/** Values that JSON.stringify would not write. */
const RAW = ["NaN", "Infinity", "1e999", "-1e999", "01", "+1", "'a'", "undefined", "", "{", "]", ",", "[".repeat(50_000)].concat(
  `${"[".repeat(20_000)}${"]".repeat(20_000)}`,
  `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`,
  "9".repeat(5000),
  '"\\ud800"',
  '"\\u0000\\u001b[2J"',
  '{"__proto__": {"polluted": 1}}',
  `[${"0,".repeat(200_000)}0]`,
);

function anyValue(random) {
  switch (below(random, 6)) {
    case 0:
      return one(random, TEXTS);
    case 1:
      return one(random, NUMBERS);
    case 2:
      return one(random, [null, true, false]);
    case 3:
      return one(random, [[], {}, [[]], [null], { a: 1 }, [1, 2, 3, 4], ["a"]]);
    case 4:
      return (random() - 0.5) * 10 ** below(random, 12);
    default:
      return one(random, NUMBERS) * (random() < 0.5 ? 1 : -1);
  }
}

/** Every place in a JSON value: [container, key]. */
function places(value, found = []) {
  if (typeof value !== "object" || value === null) return found;
  for (const key of Object.keys(value)) {
    found.push([value, Array.isArray(value) ? Number(key) : key]);
    places(value[key], found);
  }
  return found;
}

function changeJson(root, random) {
  const all = places(root);
  if (all.length === 0) return;
  const [container, key] = one(random, all);
  const [other, otherKey] = one(random, all);
  const remove = () => (Array.isArray(container) ? container.splice(key, 1) : delete container[key]);
  const copy = (value) => structuredClone(value);
  switch (below(random, 9)) {
    case 0:
      return remove();
    case 1: // duplicate ids, items of another list
      container[key] = copy(other[otherKey]);
      return;
    case 2:
      if (Array.isArray(container)) container.splice(key, 0, ...Array(1 + below(random, 3)).fill(copy(container[key])));
      else container[one(random, TEXTS)] = copy(container[key]);
      return;
    case 3: {
      const value = container[key];
      remove();
      if (!Array.isArray(container)) container[`${key}${one(random, ["s", " ", "\n", "_"])}`] = value;
      return;
    }
    case 4:
      if (typeof container[key] === "number") container[key] = one(random, [-1, 0.5, 10, 1e3, 1e6, 1e12]) * (container[key] || 1);
      else container[key] = [container[key]];
      return;
    default:
      container[key] = anyValue(random);
  }
}

const HOLE = "\u2063hole\u2063";

/** A JSON value damaged at one to three places, as text. */
export function mutatedJson(value, random) {
  const root = { root: structuredClone(value) };
  for (let n = few(random, 3); n > 0; n--) changeJson(root, random);
  const raw = random() < 0.15 ? one(random, RAW) : null;
  if (raw !== null) {
    const all = places(root);
    const [container, key] = all[below(random, all.length)] ?? [root, "root"];
    container[key] = HOLE;
  }
  const text = JSON.stringify(root.root, null, random() < 0.5 ? 1 : 0) ?? "";
  return raw === null ? text : text.replaceAll(JSON.stringify(HOLE), raw);
}

/** A text damaged at one to four places: a token replaced, lines removed, duplicated or swapped, other line breaks. */
export function mutatedText(text, random) {
  let result = text;
  for (let n = few(random, 4); n > 0; n--) {
    const lines = result.split("\n");
    const at = below(random, lines.length);
    const tokens = [...result.matchAll(/-?\d+(?:\.\d+)?|"[^"\n]*"|<\/?[\w-]+|[\w.-]+|[,;\t]/g)];
    const token = tokens[below(random, tokens.length)];
    switch (below(random, 10)) {
      case 0:
        lines.splice(at, 1);
        break;
      case 1:
        lines.splice(at, 0, ...Array(1 + below(random, 3)).fill(lines[at]));
        break;
      case 2:
        [lines[at], lines[0]] = [lines[0], lines[at]];
        break;
      case 3:
        result = one(random, [
          result.replaceAll("\n", "\r\n"),
          result.replaceAll("\n", "\r"),
          `\ufeff${result}`,
          `${result}${result}`,
        ]);
        continue;
      case 4:
        lines[at] = one(random, [
          "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>&b;",
          "<a>".repeat(20_000),
          '"',
          "\u0000",
          "<![CDATA[",
        ]);
        break;
      default: {
        if (!token) break;
        const fresh = random() < 0.5 ? String(anyValue(random)) : one(random, TEXTS);
        const quoted = token[0].startsWith('"') ? `"${fresh}"` : fresh;
        result = result.slice(0, token.index) + quoted + result.slice(token.index + token[0].length);
        continue;
      }
    }
    result = lines.join("\n");
  }
  return result;
}

const EDGES = [
  0n,
  1n,
  0x7fn,
  0x80n,
  0xffn,
  0x7fffn,
  0xffffn,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 64n - 1n,
];

/** Bytes damaged at one to five places: bits, bytes, integers, chunks; or truncated or extended. */
export function mutatedBytes(bytes, random, most = 5) {
  let result = Buffer.from(bytes);
  for (let n = few(random, most); n > 0; n--) {
    const at = below(random, Math.max(1, result.length));
    const length = Math.min(1 + below(random, random() < 0.5 ? 8 : 200), result.length - at);
    const chunk = result.subarray(at, at + length);
    const to = below(random, result.length + 1);
    switch (below(random, 11)) {
      case 0:
      case 1:
      case 2:
        if (result.length > 0) result[at] ^= 1 << below(random, 8);
        break;
      case 3:
        if (result.length > 0) result[at] = below(random, 256);
        break;
      case 4:
      case 5: {
        const size = one(random, [1, 2, 4, 8]);
        const value = BigInt.asUintN(8 * size, one(random, EDGES) + BigInt(below(random, 3) - 1));
        const field = Buffer.alloc(8);
        if (random() < 0.5) field.writeBigUInt64LE(value);
        else field.writeBigUInt64BE(BigInt.asUintN(64, value << BigInt(64 - 8 * size)));
        field.copy(result, at, 0, size);
        break;
      }
      case 6:
        if (random() < 0.4) result = result.subarray(0, at);
        break;
      case 7:
        result = Buffer.concat([result.subarray(0, at), result.subarray(at + length)]);
        break;
      case 8:
        result = Buffer.concat([result.subarray(0, to), chunk, result.subarray(to)]);
        break;
      case 9:
        Buffer.from(chunk).copy(result, to);
        break;
      default:
        for (let i = at; i < at + length; i++) result[i] = below(random, 256);
    }
    result = Buffer.from(result);
  }
  return result;
}

/** A file damaged according to its kind: "json", "text" or "bytes". */
export function mutatedFile(bytes, kind, random) {
  if (kind === "bytes" || random() < 0.25) return mutatedBytes(bytes, random);
  const text = Buffer.from(bytes).toString("utf8");
  if (kind === "json" && random() < 0.8) return Buffer.from(mutatedJson(JSON.parse(text), random));
  return Buffer.from(mutatedText(text, random));
}

/** Writes the result of `handMade` or of other damage: bytes, or something that is not a file. */
export function put(path, content) {
  if (typeof content === "function") content(path);
  else writeFileSync(path, content);
}

/** Hand-made invalid files and things that are not files, for `put`; `good` is a valid file. */
export function handMade(good) {
  const text = Buffer.from(good);
  return [
    ["empty", Buffer.alloc(0)],
    ["one byte", Buffer.of(0)],
    ["spaces", Buffer.from(" \n\t\r\n")],
    ["a megabyte of zeros", Buffer.alloc(1 << 20)],
    ["a byte order mark before it", Buffer.concat([Buffer.from("\ufeff"), text])],
    ["a byte order mark alone", Buffer.from("\ufeff")],
    ["CRLF", Buffer.from(text.toString("latin1").replaceAll("\n", "\r\n"), "latin1")],
    ["UTF-16, little-endian", Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from(text.toString("latin1"), "utf16le")])],
    ["UTF-16, big-endian", Buffer.concat([Buffer.of(0xfe, 0xff), Buffer.from(text.toString("latin1"), "utf16le").swap16()])],
    ["NUL bytes in it", Buffer.concat([text.subarray(0, text.length >> 1), Buffer.alloc(3), text.subarray(text.length >> 1)])],
    ["twice over", Buffer.concat([text, text])],
    ["without its last byte", text.subarray(0, -1)],
    ["brackets 100000 deep", Buffer.from("[".repeat(100_000) + "]".repeat(100_000))],
    ["objects 100000 deep", Buffer.from(`${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`)],
    ["tags 100000 deep", Buffer.from("<a>".repeat(100_000))],
    ["one line of a megabyte", Buffer.alloc(1 << 20, "a,")],
    ["a megabyte of line ends", Buffer.alloc(1 << 20, "\n")],
    ["a quotation mark, then a megabyte", Buffer.concat([Buffer.from('"'), Buffer.alloc(1 << 20, "b ")])],
    [
      "an entity bomb",
      Buffer.from(
        `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">${Array.from({ length: 20 }, (_, i) => `<!ENTITY a${i} "${`&a${i || ""};`.repeat(10)}">`).join("")}]><annotations>&a19;</annotations>`,
      ),
    ],
    ["an outside entity", Buffer.from('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><annotation>&b;</annotation>')],
    ["a gzip bomb's head", Buffer.from("1f8b0800000000000203", "hex")],
    ["a Git LFS pointer", Buffer.from("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")],
    ["a page of HTML", Buffer.from("<!DOCTYPE html><html><body>404</body></html>")],
    ["a folder", (path) => mkdirSync(path)],
    ["a pipe that nobody writes into", (path) => execFileSync("mkfifo", [path])],
    ["a link to what never ends", (path) => symlinkSync("/dev/zero", path)],
    ["a link to itself", (path) => symlinkSync(basename(path), path)],
  ];
}
