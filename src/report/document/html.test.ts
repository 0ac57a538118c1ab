import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { JSDOM } from "jsdom";
import { Html, html } from "./html.ts";

test("texts and numbers are escaped, HTML and lists of it are not", () => {
  assert.equal(html`<b>${"<i> & \"'"}</b> ${3}`.text, "<b>&#60;i&#62; &#38; &#34;&#39;</b> 3");
  assert.equal(html`<ul>${["a<", "b"].map((item) => html`<li>${item}</li>`)}</ul>`.text, "<ul><li>a&#60;</li><li>b</li></ul>");
  assert.equal(html`${new Html("<hr>")}${[]}`.text, "<hr>");
});

test("whatever the text, a parser reads it back as one text and one attribute", () => {
  const { document } = new JSDOM("").window;
  const text = fc
    .array(fc.constantFrom(..."<>&\"'/=` abc!-[]", "<script>", "-->", "&lt;", "]]>", "</p>"))
    .map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(text, (value) => {
      document.body.innerHTML = html`<p title="${value}">${value}</p>`.text;
      assert.equal(document.body.childNodes.length, 1);
      const [paragraph] = document.body.children;
      assert.equal(paragraph.textContent, value);
      assert.equal(paragraph.getAttribute("title"), value);
      assert.equal(paragraph.children.length, 0);
      assert.equal(paragraph.attributes.length, 1);
    }),
  );
});
