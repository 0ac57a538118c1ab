// Plain values as YAML, block style: what a person can read and edit before it is used.

type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain | undefined };

/** Keys whose value is undefined are left out. Texts that could be read as something else are in double quotes, as in JSON. */
export const yamlOf = (value: Plain): string => `${block(value, "").replace(/^\n/, "")}\n`;

/** On the same line after a blank, or on lines of its own, which begin with `indent`. */
function block(value: Plain, indent: string): string {
  if (Array.isArray(value) && value.length > 0)
    return value.map((item: Plain) => `\n${indent}- ${block(item, `${indent}  `).replace(/^\n\s*|^ /, "")}`).join("");
  if (isMap(value)) {
    const entries = Object.entries(value).filter(([, part]) => part !== undefined) as [string, Plain][];
    if (entries.length > 0)
      return entries.map(([key, part]) => `\n${indent}${scalar(key)}:${block(part, `${indent}  `)}`).join("");
  }
  return ` ${typeof value === "string" ? scalar(value) : JSON.stringify(value)}`;
}

const isMap = (value: Plain): value is { readonly [key: string]: Plain | undefined } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const scalar = (text: string): string =>
  /^[A-Za-z/][\w./-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text) ? text : JSON.stringify(text);
