// The skeleton of every page: one self-contained HTML file without a script, which loads nothing from anywhere (its own policy
// forbids both), so that it can be mailed, archived and opened offline.

import { blockHtml } from "./blocks.ts";
import type { Document } from "./document.ts";
import { Html, html } from "./html.ts";
import { pageStyle } from "./style.ts";

export interface Page {
  readonly title: string;
  /** Below the title, inside the header. */
  readonly header: Html | readonly Html[];
  readonly sections: readonly PageSection[];
  /** Links to the sections, for long pages. */
  readonly contents?: boolean;
}

export interface PageSection {
  /** Empty for a section without a heading. */
  readonly title: string;
  readonly body: Html | readonly Html[];
}

/** The page as HTML text. */
export function renderPage({ title, header, sections, contents = false }: Page): string {
  const headed = sections.map(({ title }, i) => ({ title, id: `section-${i}` })).filter(({ title }) => title !== "");
  const links = html`<nav aria-label="Sections">${headed.map(({ title, id }) => html`<a href="#${id}">${title}</a> `)}</nav>
`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${new Html(pageStyle)}</style>
</head>
<body>
<header>
<h1>${title}</h1>
${header}
</header>
${contents ? links : html``}<main>
${sections.map(
  ({ title, body }, i) => html`<section id="section-${i}">
${title === "" ? html`` : html`<h2>${title}</h2>\n`}${body}
</section>
`,
)}</main>
</body>
</html>
`;
  return page.text;
}

/** A document as a page. */
export function renderDocument({ title, subtitle, answer, warnings, sections }: Document): string {
  const list = html`<ul class="warnings">${warnings.map((line) => html`<li>${line}</li>`)}</ul>`;
  return renderPage({
    title,
    header: [
      html`<p class="quiet">${subtitle}</p>
`,
      warnings.length === 0 ? html`` : list,
      ...answer.map((paragraph) => html`<p class="answer">${paragraph}</p>`),
    ],
    sections: sections.map(({ title, blocks }) => ({ title, body: blocks.map(blockHtml) })),
    contents: true,
  });
}
