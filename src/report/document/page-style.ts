// The style of a grid's page: that of every report, and what only this one has.

import { gridColors } from "../figures/looks.ts";
import { switchRules } from "../figures/patch-figure.ts";
import { pageStyle } from "./style.ts";

export const gridPageStyle = (): string => `${pageStyle}
:root { ${gridColors("light")} }
@media (prefers-color-scheme: dark) { :root { ${gridColors("dark")} } }
@media print { :root { ${gridColors("light")} } }
${switchRules()}
body { max-width: 88rem; }
header .quiet { margin: -.4rem 0 1.2rem; }
.answer { max-width: 62rem; margin: .6rem 0; font-size: 1.05rem; }
.warnings { margin: 0 0 1.2rem; padding: .7rem 1rem .7rem 2rem; max-width: 62rem; background: var(--panel); border-left: 4px solid var(--missed); }
nav { display: flex; flex-wrap: wrap; gap: .3rem 1.3rem; margin: 1.6rem 0 0; padding: .7rem 0; border-block: 1px solid var(--line); font-size: .9rem; }
nav a { color: var(--link); text-decoration: none; }
nav a:hover { text-decoration: underline; }
.prose { max-width: 56rem; }
.table, .plot { margin: 1.8rem 0; }
.table > .quiet { max-width: 62rem; margin: .4rem 0 0; font-size: .82rem; }
.table h3, .plot h3 { margin-bottom: .7rem; }
h4 { margin: 0 0 .2rem; font-size: .85rem; font-weight: 600; }
table { font-size: .84rem; }
th, td { padding: .35rem .5rem; vertical-align: top; }
tbody th { padding-right: 1.4rem; }
tbody th .method-key { margin-right: .35rem; }
thead th { vertical-align: bottom; font-weight: 600; }
thead tr + tr th:first-child { padding-left: .6rem; text-align: right; }
tbody .sub th { padding-top: .8rem; font-weight: 600; }
thead .groups th { border-bottom: 1px solid var(--line); }
thead .groups th:not(:first-child) { text-align: left; }
thead .groups th:first-child { border-bottom: 2px solid var(--text); }
td small { display: block; font-size: .76rem; }
td.start, thead .groups th + th { border-left: 1px solid var(--line); }
.tied { text-decoration: underline; text-decoration-color: var(--quiet); text-underline-offset: .2em; }
.key { gap: .3rem 1.3rem; font-size: .88rem; }
.plot .panels { grid-template-columns: repeat(auto-fill, minmax(min(100%, calc(var(--width) * .94)), 1fr)); gap: 1.1rem 1.4rem; }
@media (min-width: 76rem) { .plot .panels { grid-template-columns: repeat(var(--columns), minmax(0, 1fr)); } }
.plot .panels > div { max-width: calc(var(--width) * 1.2); }
.plot figcaption { max-width: 62rem; font-size: .82rem; }
.plot svg { font-family: inherit; overflow: visible; }
details { margin: 1.2rem 0; border-top: 1px solid var(--line); }
summary { padding: .6rem 0; font-weight: 600; cursor: pointer; }
@media (min-width: 60rem) { .pictures { grid-template-columns: repeat(var(--columns), minmax(0, 1fr)); } }
.picture figcaption { font-size: .82rem; }
.picture figcaption b { flex-basis: 100%; }
@media print {
  nav { display: none; }
  details::details-content { content-visibility: visible; block-size: auto; }
  table { font-size: 8pt; }
  .plot .panels > div, .table { break-inside: avoid; }
}
`;
