// Text inside an XML 1.0 element or a quoted attribute (https://www.w3.org/TR/xml/#charsets).

import { UserError } from "../errors.ts";

/** `text`, escaped, including line breaks. Throws a UserError on characters that XML cannot represent. */
export function xmlText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML 1.0 forbids
  if (/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Surrogate}/u.test(text))
    throw new UserError(`the name ${JSON.stringify(text)} has a character that XML cannot hold; rename it`);
  return text.replace(/[&<>"'\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}
