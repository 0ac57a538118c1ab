// What lies on a picture of cells, in layers that readers can switch off: detections by how they were judged, or annotations by
// what they are. Kinds differ by shape as well as by colour: found and annotated solid, missed and hidden dashed, wrong hatched
// and crossed out, hard negatives dotted and crossed out; regions are hatched one way or the other.

import { Html, html } from "../document/html.ts";

export interface PictureLayer {
  readonly key: string;
  readonly label: string;
  /** Without a switch having been touched. */
  readonly shown: boolean;
}

/** Of detections, in the order of their switches. */
export const patchLayers = [
  { key: "found", label: "found", shown: true },
  { key: "missed", label: "missed", shown: true },
  { key: "wrong", label: "wrong", shown: true },
  { key: "truth", label: "all annotated cells", shown: false },
] as const satisfies readonly PictureLayer[];

/** Of annotations, in the order of their switches; the last lies at the bottom of a picture. */
export const annotationLayers = [
  { key: "visible", label: "annotated cell", shown: true },
  { key: "hidden", label: "hidden from training", shown: true },
  { key: "negative", label: "hard negative", shown: true },
  { key: "ignore", label: "region: not judged", shown: true },
  { key: "complete", label: "region: every cell is annotated", shown: true },
] as const satisfies readonly PictureLayer[];

/** One switch per layer. */
export function layerSwitches(layers: readonly PictureLayer[]): Html {
  const switches = layers.map(
    ({ key, label, shown }) =>
      html`<label><input type="checkbox" id="show-${key}"${new Html(shown ? " checked" : "")}>${layerKey(key)} ${label}</label>`,
  );
  return html`<fieldset class="switches"><legend>Show</legend>${switches}</fieldset>`;
}

/** A switch that is off hides its layer, without a script. */
export const switchRules = [...patchLayers, ...annotationLayers]
  .map(({ key }) => `.patches:has(#show-${key}:not(:checked)) .picture svg[role=img] g.${key} { display: none; }`)
  .join("\n");

/** A small mark as on the pictures, for keys and captions. */
export function layerKey(kind: string): Html {
  const shape = kind === "truth" ? "M9 9h0" : "M3 3h12v12h-12z";
  const strokes = { wrong: "M3 3l12 12M15 3l-12 12", negative: "M3 15l12 -12" } as const;
  const hatches = { complete: "M3 9l6 -6M6 15l9 -9", ignore: "M3 5l10 10M5 3l10 10M10 3l5 5M3 10l5 5" } as const;
  const [stroke, hatch] = [strokes, hatches].map((marks) => (marks as { readonly [kind: string]: string })[kind]);
  return html`<svg class="layer-key" viewBox="0 0 18 18" width="18" height="18" aria-hidden="true">
<g class="${kind}"><path class="halo" d="${shape}"/>${hatch ? html`<path d="${hatch}" style="stroke-width:1px"/>` : html``}<path d="${shape}${stroke ?? ""}"/></g></svg>`;
}

/** Colours of Okabe and Ito (https://jfly.uni-koeln.de/color/); they lie on the pictures and are the same in both themes. */
export const boxColors =
  "--found: #009e73; --missed: #e69f00; --wrong: #d55e00; --visible: #009e73; --hidden: #e69f00; --negative: #d55e00; --complete: #0072b2; --ignore: #222222;";

/** How layers lie on a picture, and in their keys; `scope` is the selector of what holds them, `:where` so that others can overrule. */
export const boxStyle = (scope: string): string => `
${scope} g rect, ${scope} g path:not([fill]) { fill: none; }
${scope} g rect, ${scope} g path { vector-effect: non-scaling-stroke; stroke-width: 2px; }
${scope} g rect, ${scope} g > .mark { pointer-events: all; }
${scope} pattern path { stroke: var(--wrong); stroke-opacity: .55; }
${scope} pattern.complete path { stroke: var(--complete); stroke-opacity: .75; }
${scope} pattern.ignore path { stroke: var(--ignore); stroke-opacity: .6; }
${scope} g.found > * { stroke: var(--found); }
${scope} g.visible > * { stroke: var(--visible); }
${scope} g.missed > * { stroke: var(--missed); stroke-width: 2.5px; stroke-dasharray: 6 3.5; }
${scope} g.hidden > * { stroke: var(--hidden); stroke-dasharray: 6 3.5; }
${scope} g.wrong > * { stroke: var(--wrong); }
${scope} g.negative > * { stroke: var(--negative); stroke-dasharray: 2 2.5; }
${scope} g.complete > * { stroke: var(--complete); stroke-dasharray: 12 4; }
${scope} g.ignore > * { stroke: var(--ignore); }
${scope} g.truth > * { stroke: #fff; stroke-width: 5px; stroke-linecap: round; }
${scope} g > .halo { stroke: #fff; stroke-opacity: .85; stroke-width: 4px; stroke-dasharray: none; }
${scope} g.missed > .halo { stroke: #1b1f24; stroke-opacity: .6; stroke-width: 4.5px; }
${scope} g.hidden > .halo { stroke: #1b1f24; stroke-opacity: .5; stroke-width: 3.5px; }
${scope} g.truth > .halo { stroke: #000; stroke-opacity: 1; stroke-width: 8px; }
`;
