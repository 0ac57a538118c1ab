// What every answer says to the browser: run only this server's scripts, show it in no other page, guess no type, tell nobody.

/** `scripts`: the hashes of scripts inside the page, as 'sha256-…'. */
export const headersFor = (scripts: readonly string[]): Readonly<Record<string, string>> => ({
  "content-security-policy": [
    "default-src 'none'",
    ["script-src 'self'", ...scripts.map((hash) => `'${hash}'`)].join(" "),
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    "font-src 'self'",
    "frame-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
});

/** For reports, which lie in the user's folders: they run no script and load nothing, and this page shows them. */
export const reportHeaders: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; base-uri 'none'; form-action 'none'; sandbox",
  "cross-origin-opener-policy": "unsafe-none", // browsers refuse another one for what is in a sandbox
  "x-frame-options": "SAMEORIGIN",
};
