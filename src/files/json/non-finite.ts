// NaN and Infinity as bare words, which Python's json module and QuPath before 0.5 write for a measurement without a value and
// which no JSON has.

const WORDS = /"|-?\b(?:NaN|Infinity)\b/g;

/**
 * The text with each bare NaN, Infinity and -Infinity in quotes, as QuPath 0.5 and later write them: a value that nobody reads
 * does no harm, and one that must be a number is refused as "NaN". Lines stay as they are. Null when there is none.
 */
export function withQuotedNonFinite(text: string): string | null {
  const parts: string[] = [];
  let from = 0;
  WORDS.lastIndex = 0;
  for (let match = WORDS.exec(text); match !== null; match = WORDS.exec(text)) {
    if (match[0] === '"') {
      WORDS.lastIndex = endOfString(text, match.index);
      continue;
    }
    parts.push(text.slice(from, match.index), `"${match[0]}"`);
    from = WORDS.lastIndex;
  }
  return parts.length === 0 ? null : `${parts.join("")}${text.slice(from)}`;
}

/** The index after the quote that closes the string at `start`; the end of the text without one. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text[at - 1 - backslashes] === "\\") backslashes++;
    if (backslashes % 2 === 0) return at + 1;
  }
  return text.length;
}
