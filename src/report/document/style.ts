// The style of a report page: light and dark by the reader's setting, always light on paper; no font, image or script from elsewhere.

import { methodColors } from "../figures/method-key.ts";

const light = `--page: #ffffff; --text: #1b1f24; --quiet: #57606a; --line: #d0d7de; --panel: #f6f8fa; --link: #0072b2;
  ${methodColors("light")}`;
const dark = `--page: #14171c; --text: #e6e9ed; --quiet: #a2abb5; --line: #3a424d; --panel: #1e232a; --link: #56b4e9;
  ${methodColors("dark")}`;

/** Box colours of Okabe and Ito; they lie on the pictures and are the same in both themes. */
export const boxColors = "--found: #009e73; --missed: #e69f00; --wrong: #d55e00;";

/** How boxes lie on a picture, and in its key; `scope` is the selector of what holds them, `:where` so that others can overrule. */
export const boxStyle = (scope: string): string => `
${scope} g rect, ${scope} g path:not([fill]) { fill: none; }
${scope} g rect, ${scope} g path { vector-effect: non-scaling-stroke; stroke-width: 2px; }
${scope} g rect { pointer-events: all; }
${scope} pattern path { stroke: var(--wrong); stroke-opacity: .55; }
${scope} g.found > * { stroke: var(--found); }
${scope} g.missed > * { stroke: var(--missed); stroke-width: 2.5px; stroke-dasharray: 6 3.5; }
${scope} g.wrong > * { stroke: var(--wrong); }
${scope} g.truth > * { stroke: #fff; stroke-width: 5px; stroke-linecap: round; }
${scope} g > .halo { stroke: #fff; stroke-opacity: .85; stroke-width: 4px; stroke-dasharray: none; }
${scope} g.missed > .halo { stroke: #1b1f24; stroke-opacity: .6; stroke-width: 4.5px; }
${scope} g.truth > .halo { stroke: #000; stroke-opacity: 1; stroke-width: 8px; }
`;

export const pageStyle = `
:root { color-scheme: light dark; ${boxColors} ${light} }
@media (prefers-color-scheme: dark) { :root { ${dark} } }
@media print { :root { color-scheme: light; ${light} } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; padding: 2rem clamp(1rem, 4vw, 3rem) 4rem; max-width: 76rem; background: var(--page); color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", "Noto Sans", "Liberation Sans", sans-serif; }
h1 { margin: 0 0 .8rem; font-size: clamp(1.5rem, 4vw, 2.1rem); line-height: 1.2; text-wrap: balance; }
h2 { margin: 2.8rem 0 .8rem; font-size: 1.3rem; }
h3 { margin: 0 0 .4rem; font-size: 1rem; overflow-wrap: anywhere; }
small, figcaption, .quiet, .none { color: var(--quiet); font-weight: normal; font-size: .9rem; }
figure { margin: 0; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.answer { max-width: 56rem; font-size: 1.15rem; }
.summary { max-width: 56rem; padding-left: 1.2rem; }

.shares { margin: 1.6rem 0; display: grid; grid-template-columns: max-content 1fr; gap: .5rem 1rem; align-items: center; }
.shares figcaption { grid-column: 1 / -1; }
.bar { display: flex; height: 1.9rem; font-size: .85rem; line-height: 1.9rem; }
.bar span { min-width: 0; flex: 0 0 auto; overflow: hidden; text-align: center; white-space: nowrap; border: 2px solid; color: #000; }
.bar .found { background: var(--found); border-color: var(--found); }
.bar .missed { background: #fbeccb; border: 2px dashed var(--missed); }
.bar .wrong { border-color: var(--wrong); background: repeating-linear-gradient(45deg, #fbe3d5 0 6px, #eeb796 6px 8px); }
@media (max-width: 36rem) { .shares { grid-template-columns: 1fr; gap: .15rem; } .bar { margin-bottom: .5rem; font-size: .8rem; } }

.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .45rem .9rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); }
th:first-child { padding-left: 0; text-align: left; }
thead th { border-bottom: 2px solid var(--text); }
tbody th { font-weight: normal; }
.scroll + p { margin: .4rem 0 0; }
dl { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: .25rem 1.2rem; margin: 1rem 0; font-size: .9rem; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }

.key { display: flex; flex-wrap: wrap; gap: .3rem 1.6rem; margin: 0 0 .8rem; }
.method-key, .layer-key { vertical-align: -.15em; overflow: visible; }
.method-key { vertical-align: .15em; }
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); gap: 1rem 1.5rem; margin-bottom: .6rem; }
.panels svg { width: 100%; height: auto; background: none; color: var(--text); --plot-background: var(--page); }

.switches { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; margin: 0 0 1rem; padding: .6rem 0;
  border: 0; border-bottom: 1px solid var(--line); background: var(--page); }
.switches legend { float: left; padding: 0; margin-right: .2rem; }
.switches label { cursor: pointer; }
.switches label, .picture figcaption span, .key span, .term { white-space: nowrap; }
.switches input { width: 1.05rem; height: 1.05rem; margin: 0 .3rem 0 0; vertical-align: -.15em; accent-color: var(--link); }
.patch { margin-bottom: 2rem; break-inside: avoid; }
.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 1rem; }
.picture { max-width: 40rem; }
.picture > svg { display: block; width: 100%; height: auto; background: var(--panel); }
.picture figcaption { display: flex; flex-wrap: wrap; gap: 0 1.1rem; margin-top: .4rem; }
.picture figcaption b { color: var(--text); }
${boxStyle(":where(.picture, .layer-key)")}
pre { padding: .8rem 1rem; overflow-x: auto; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; font-size: .9rem; }
@media print {
  html { font-size: 10pt; }
  body { max-width: none; padding: 0; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .scroll { overflow: visible; }
  th, td { padding: .3rem .5rem; }
  .switches { position: static; }
  .switches input, .switches label:has(input:not(:checked)) { display: none; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  h2 { break-after: avoid; }
  .shares, .panels > div, table { break-inside: avoid; }
}
`;
