// HTML that cannot be injected into: html`<p>${text}</p>` escapes every value that is not HTML itself.

export class Html {
  readonly text: string;

  /** `text` is trusted: markup, not somebody's words. */
  constructor(text: string) {
    this.text = text;
  }
}

type HtmlValue = string | number | Html | readonly Html[];

/** Markup around values: texts and numbers are escaped (also for quoted attributes), HTML and lists of it are put in as they are. */
export function html(markup: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(markup.reduce((text, piece, i) => text + toText(values[i - 1]) + piece));
}

function toText(value: HtmlValue): string {
  if (value instanceof Html) return value.text;
  if (typeof value === "object") return value.map(toText).join("");
  return String(value).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
