// The style of all pages: light and dark by the reader's setting, always light on paper; no font, image or script from elsewhere.
// The style of boxes on pictures is in figures/picture-layers.ts, because SVG files need it, too.

import { lookColors } from "../figures/looks.ts";
import { boxColors, boxStyle, switchRules } from "../figures/picture-layers.ts";

const light = `--page: #ffffff; --text: #1b1f24; --quiet: #57606a; --line: #d0d7de; --panel: #f6f8fa; --link: #0072b2;
  ${lookColors("light")}`;
const dark = `--page: #14171c; --text: #e6e9ed; --quiet: #a2abb5; --line: #3a424d; --panel: #1e232a; --link: #56b4e9;
  ${lookColors("dark")}`;

export const pageStyle = `
:root { color-scheme: light dark; ${boxColors} ${light} }
@media (prefers-color-scheme: dark) { :root { ${dark} } }
@media print { :root { color-scheme: light; ${light} } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; padding: 2rem clamp(1rem, 4vw, 3rem) 4rem; max-width: 88rem; background: var(--page); color: var(--text);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", "Noto Sans", "Liberation Sans", sans-serif; }
h1 { margin: 0 0 .8rem; font-size: clamp(1.5rem, 4vw, 2.1rem); line-height: 1.2; text-wrap: balance; }
h2 { margin: 2.8rem 0 .8rem; font-size: 1.3rem; }
h3 { margin: 0 0 .4rem; font-size: 1rem; overflow-wrap: anywhere; }
small, figcaption, .quiet, .none { color: var(--quiet); font-weight: normal; font-size: .9rem; }
figure { margin: 0; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
h4 { margin: 0 0 .2rem; font-size: .85rem; font-weight: 600; }
header .quiet { margin: -.4rem 0 1.2rem; }
.answer { max-width: 62rem; margin: .6rem 0; font-size: 1.05rem; }
.summary, .prose { max-width: 56rem; }
.summary { padding-left: 1.2rem; }
.warnings { margin: 0 0 1.2rem; padding: .7rem 1rem .7rem 2rem; max-width: 62rem; background: var(--panel); border-left: 4px solid var(--missed); }
nav { display: flex; flex-wrap: wrap; gap: .3rem 1.3rem; margin: 1.6rem 0 0; padding: .7rem 0; border-block: 1px solid var(--line); font-size: .9rem; }
nav a { color: var(--link); text-decoration: none; }
nav a:hover { text-decoration: underline; }
details { margin: 1.2rem 0; border-top: 1px solid var(--line); }
summary { padding: .6rem 0; font-weight: 600; cursor: pointer; }

.shares { margin: 1.6rem 0; display: grid; grid-template-columns: max-content 1fr; gap: .5rem 1rem; align-items: center; }
.shares figcaption { grid-column: 1 / -1; }
.bar { display: flex; height: 1.9rem; font-size: .85rem; line-height: 1.9rem; }
.bar span { min-width: 0; flex: 0 0 auto; overflow: hidden; text-align: center; white-space: nowrap; border: 2px solid; color: #000; }
.bar .found { background: var(--found); border-color: var(--found); }
.bar .missed { background: #fbeccb; border: 2px dashed var(--missed); }
.bar .wrong { border-color: var(--wrong); background: repeating-linear-gradient(45deg, #fbe3d5 0 6px, #eeb796 6px 8px); }
@media (max-width: 36rem) { .shares { grid-template-columns: 1fr; gap: .15rem; } .bar { margin-bottom: .5rem; font-size: .8rem; } }

.table, .plot { margin: 1.8rem 0; }
.table > .quiet { max-width: 62rem; margin: .4rem 0 0; font-size: .82rem; }
.table h3, .plot h3 { margin-bottom: .7rem; }
.scroll { max-height: 42rem; overflow: auto; }
table { border-collapse: collapse; font-size: .84rem; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .5rem; text-align: right; vertical-align: top; white-space: nowrap; border-bottom: 1px solid var(--line); }
th:first-child { padding-left: 0; text-align: left; }
thead th { vertical-align: bottom; font-weight: 600; border-bottom: 2px solid var(--text); }
thead tr + tr th:first-child { padding-left: .6rem; text-align: right; }
tbody th { padding-right: 1.4rem; font-weight: normal; }
tbody th .line-key { margin-right: .35rem; }
tbody .sub th { padding-top: .8rem; font-weight: 600; }
thead .groups th { border-bottom: 1px solid var(--line); }
thead .groups th:not(:first-child) { text-align: left; }
thead .groups th:first-child { border-bottom: 2px solid var(--text); }
td small { display: block; font-size: .76rem; }
td.start, thead .groups th + th { border-left: 1px solid var(--line); }
.tied { text-decoration: underline; text-decoration-color: var(--quiet); text-underline-offset: .2em; }
.scroll + p { margin: .4rem 0 0; }
dl { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: .25rem 1.2rem; margin: 1rem 0; font-size: .9rem; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }

.key { display: flex; flex-wrap: wrap; gap: .3rem 1.3rem; margin: 0 0 .8rem; font-size: .88rem; }
.line-key, .layer-key { vertical-align: -.15em; overflow: visible; }
.line-key { vertical-align: .15em; }
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); gap: 1rem 1.5rem; margin-bottom: .6rem; }
.panels svg { width: 100%; height: auto; background: none; color: var(--text); --plot-background: var(--page); }
.plot .panels { grid-template-columns: repeat(auto-fill, minmax(min(100%, calc(var(--width) * .94)), 1fr)); gap: 1.1rem 1.4rem; }
@media (min-width: 76rem) { .plot .panels { grid-template-columns: repeat(var(--columns), minmax(0, 1fr)); } }
.plot .panels > div { max-width: calc(var(--width) * 1.2); }
.plot figcaption { max-width: 62rem; font-size: .82rem; }
.plot svg { font-family: inherit; overflow: visible; }

.histograms { margin: 2rem 0 1rem; }
.histograms h3 small { display: block; }
.histograms g rect { fill: var(--visible); stroke: none; }
.histograms .all path, .histograms path.all { fill: none; stroke: var(--text); stroke-width: 1.8px; stroke-dasharray: 5 3; }

.switches { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; margin: 0 0 1rem; padding: .6rem 0;
  border: 0; border-bottom: 1px solid var(--line); background: var(--page); }
.switches legend { float: left; padding: 0; margin-right: .2rem; }
.switches label { cursor: pointer; }
.switches label, .picture figcaption span, .key span, .term { white-space: nowrap; }
.switches input { width: 1.05rem; height: 1.05rem; margin: 0 .3rem 0 0; vertical-align: -.15em; accent-color: var(--link); }
.patch { margin-bottom: 2rem; break-inside: avoid; }
.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 1rem; }
.picture { max-width: 40rem; }
.picture > svg { display: block; border-radius: 3px; width: 100%; height: auto; background: var(--panel); }
@media (min-width: 60rem) { .patches[style] .pictures { grid-template-columns: repeat(var(--columns), minmax(0, 1fr)); } }
.picture figcaption { display: flex; flex-wrap: wrap; gap: 0 1.1rem; margin-top: .4rem; font-size: .82rem; }
.picture figcaption b { flex-basis: 100%; color: var(--text); }
${boxStyle(":where(.picture, .layer-key)")}
${switchRules}
@media (prefers-color-scheme: dark) { .layer-key g.ignore > * { stroke: #cfd5dc; } }
pre { padding: .8rem 1rem; overflow-x: auto; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; font-size: .9rem; }
@media print {
  html { font-size: 10pt; }
  body { max-width: none; padding: 0; }
  .layer-key g.ignore > * { stroke: var(--ignore); }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  nav { display: none; }
  details::details-content { content-visibility: visible; block-size: auto; }
  .scroll { max-height: none; overflow: visible; }
  table { font-size: 8pt; }
  th, td { padding: .3rem .5rem; }
  .switches { position: static; }
  .switches input, .switches label:has(input:not(:checked)) { display: none; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  h2 { break-after: avoid; }
  .shares, .panels > div, .table, table { break-inside: avoid; }
}
`;
