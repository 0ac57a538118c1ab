import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { UserError } from "../errors.ts";
import { readXml, type XmlElement } from "./xml-file.ts";

const dir = mkdtempSync(join(tmpdir(), "xml-"));
after(() => rmSync(dir, { recursive: true }));
const file = join(dir, "a.xml");

function read(text: string | Buffer): XmlElement[] {
  writeFileSync(file, text);
  return [...readXml(file, { root: "list", format: "a list" })];
}

function errorOf(text: string | Buffer): string {
  try {
    read(text);
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    assert.doesNotMatch(error.message, /\n/);
    return error.message.replace(file, "FILE");
  }
  return assert.fail("was read");
}

test("elements below the root, with attributes, text and lines", () => {
  const text = `\ufeff<?xml version="1.0" encoding="utf-8"?>\r\n<!-- a > b -->\r\n<list>\r\n  <cell x="1.5"\r\n    name="&lt;&#228;&gt;"/>
<note> a &amp; <b>bold</b><![CDATA[<c>]]> </note></list>\n`;
  const [cell, note, ...more] = read(text);
  assert.deepEqual(more, []);
  assert.deepEqual([cell.name, cell.line, cell.number("x"), cell.attribute("name"), cell.text], ["cell", 4, 1.5, "<ä>", ""]);
  assert.deepEqual([note.line, note.text, note.required("b").text, note.child("i")], [6, "a & <c>", "bold", undefined]);
  assert.deepEqual([cell.find("y"), cell.number("y", 7)], [undefined, 7]);
});

test("files longer than a piece are read completely", () => {
  const cells = read(`<list>\n${Array.from({ length: 20_000 }, (_, i) => `<cell x="${i}"/>`).join("\n")}\n</list>`);
  assert.equal(cells.length, 20_000);
  assert.ok(cells.every((cell, i) => cell.number("x") === i && cell.line === i + 2));
});

test("every error is one line with file and line", () => {
  assert.equal(errorOf(" \n"), "FILE:1: is empty; pass a list");
  assert.equal(errorOf("<html>\n</html>"), "FILE:1: expected the root <list>, got <html>; pass a list");
  assert.equal(errorOf("<list>\n<a>\n</list>"), "FILE:3: is not valid XML: unexpected close tag; correct it or export it again");
  assert.match(errorOf("<list>\n<a/>\n"), /^FILE:3: is not valid XML: unclosed tag: list;/);
  assert.match(errorOf("<list>\n<a x=1/></list>"), /^FILE:2: is not valid XML: unquoted attribute value;/);
  assert.match(errorOf("no XML"), /^FILE:1: is not valid XML: /);
  assert.match(errorOf(Buffer.from("<list/>", "utf16le")), /^FILE:1: is not valid XML: /);
  assert.match(errorOf(Buffer.from("<list>ä</list>", "latin1")), /^FILE: is not UTF-8 text/);
  const [cell] = read('<list>\n<cell x="1,5"><n>0x10</n></cell></list>');
  const message = (use: () => unknown) => {
    try {
      use();
    } catch (error) {
      return (error as Error).message.replace(file, "FILE");
    }
    return assert.fail("was taken");
  };
  assert.equal(
    message(() => cell.number("x")),
    'FILE:2: x: expected a number, got "1,5"; correct it',
  );
  assert.equal(
    message(() => cell.number("y")),
    'FILE:2: <cell> has no attribute "y"; add it or remove the element',
  );
  assert.equal(
    message(() => cell.required("m")),
    "FILE:2: <cell> has no <m>; add it or remove the element",
  );
  assert.equal(
    message(() => cell.required("n").toNumber()),
    'FILE:2: <n>: expected a number, got "0x10"; correct it',
  );
});

test("entities of a document type are refused; deep nesting needs no recursion", () => {
  const bomb = `<!DOCTYPE list [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;"><!ENTITY c SYSTEM "file:///etc/hostname">]>`;
  assert.match(errorOf(`${bomb}\n<list>&b;</list>`), /^FILE:2: is not valid XML: undefined entity;/);
  assert.match(errorOf(`${bomb}\n<list>&c;</list>`), /^FILE:2: is not valid XML: undefined entity;/);
  const depth = 50_000;
  assert.equal(read(`<list>${"<a>".repeat(depth)}${"</a>".repeat(depth)}</list>`).length, 1);
});
