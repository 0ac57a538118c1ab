// The one canvas that has everything over the image: very many detections by their pixels, the rest by paths, one for each look
// and colour.

import type { Box, Cell, CellClass, Id, Region } from "../../../src/api.ts";
import { type Boxes, visible } from "./boxes.ts";
import { colours, dashes, traceBox, traceDenied, traceNot, tracePoint, traceRing, traceSuspect } from "./looks.ts";
import { Pixels, packed } from "./pixels.ts";
import { boxOfRing, handlePlace, handles, leastForHandles } from "./shapes.ts";
import { type Point, seen, toScreen, type View } from "./view.ts";

export interface Suspected {
  readonly box: Box;
  readonly kind: "missing" | "denied";
  readonly current: boolean;
}

export interface Scene {
  readonly classes: readonly CellClass[];
  readonly cells: readonly Cell[] | null;
  /** Their boxes with an index, the same order. */
  readonly cellBoxes: Boxes | null;
  readonly regions: readonly Region[] | null;
  readonly detections: Boxes | null;
  /** Detections of this score or more. */
  readonly score: number;
  readonly suspects: readonly Suspected[] | null;
  readonly names: boolean;
  readonly selected: ReadonlySet<Id>;
  /** A box or ring that is being drawn. */
  readonly draft: { readonly ring: readonly number[]; readonly closed: boolean; readonly dashed: boolean } | null;
  /** Where a key would mark a cell. */
  readonly crosshair: boolean;
}

/** Up to here marks have a halo and names; more of them would be a heap of both. */
const few = 3000;

export class Layer {
  readonly canvas: HTMLCanvasElement;
  private readonly context: CanvasRenderingContext2D;
  private readonly pixels = new Pixels();

  constructor(canvas: HTMLCanvasElement) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d")!;
  }

  draw(scene: Scene, view: View): void {
    const { canvas, context } = this;
    if (canvas.width !== view.width || canvas.height !== view.height) [canvas.width, canvas.height] = [view.width, view.height];
    else context.clearRect(0, 0, view.width, view.height);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.lineJoin = "round";
    if (scene.detections) this.detections(scene.detections, scene, view);
    if (scene.regions) for (const region of scene.regions) this.region(region, scene, view);
    if (scene.cells && scene.cellBoxes) this.cells(scene.cells, scene.cellBoxes, scene, view);
    if (scene.suspects) for (const suspect of scene.suspects) this.suspect(suspect, view);
    if (scene.draft) this.draft(scene.draft, view);
    if (scene.crosshair) this.crosshair(view);
  }

  private detections(boxes: Boxes, { classes, score }: Scene, view: View): void {
    const { context, pixels } = this;
    pixels.clear(view.width, view.height);
    const colours = Uint32Array.from(classes, ({ colour }) => packed(colour));
    pixels.draw(boxes, visible(boxes, seen(view), score), view, colours);
    pixels.show(context);
  }

  private cells(cells: readonly Cell[], boxes: Boxes, { classes, selected, names }: Scene, view: View): void {
    const paths = new Map<string, { path: Path2D; colour: string; dash: readonly number[] }>();
    const places = visible(boxes, seen(view), 0);
    const tiny = boxes.side * view.scale < 3 * view.ratio;
    for (const i of places) {
      const { classId, point, hidden, box } = cells[i];
      const colour = classId === null ? colours.not : (classes.find(({ id }) => id === classId)?.colour ?? colours.not);
      const key = `${classId} ${hidden}`;
      let group = paths.get(key);
      if (!group) paths.set(key, (group = { path: new Path2D(), colour, dash: hidden ? dashes.hidden : [] }));
      const shown = onScreen(view, box);
      if (tiny) traceBox(group.path, [shown[0], shown[1], shown[0] + 2, shown[1] + 2]);
      else if (classId === null) traceNot(group.path, shown);
      else if (point) tracePoint(group.path, shown);
      else traceBox(group.path, shown);
    }
    const halo = places.length <= few && !tiny;
    for (const { path, colour, dash } of paths.values()) this.stroke(path, colour, tiny ? 1 : 2, view, { dash, halo });
    if (names && places.length <= few) for (const i of places) this.name(cells[i], classes, view);
    for (const i of places) if (selected.has(cells[i].id)) this.handles(cells[i].box, view);
  }

  private name({ box, classId }: Cell, classes: readonly CellClass[], view: View): void {
    const [x, y] = toScreen(view, [box[0], box[1]]);
    const text = classId === null ? "not a cell" : (classes.find(({ id }) => id === classId)?.name ?? "");
    this.text(text, x, y - 4 * view.ratio, view);
  }

  private text(text: string, x: number, y: number, { ratio }: View): void {
    const { context } = this;
    context.font = `600 ${11 * ratio}px system-ui, sans-serif`;
    context.lineWidth = 3 * ratio;
    context.strokeStyle = "#ffffff";
    context.fillStyle = "#14181c";
    context.strokeText(text, x, y);
    context.fillText(text, x, y);
  }

  private handles(box: Box, view: View): void {
    const { context } = this;
    const path = new Path2D();
    if (Math.min(box[2] - box[0], box[3] - box[1]) * view.scale < leastForHandles * view.ratio) {
      const [left, top, right, bottom] = onScreen(view, box);
      const gap = 4 * view.ratio;
      path.rect(left - gap, top - gap, right - left + 2 * gap, bottom - top + 2 * gap);
      this.stroke(path, colours.selected, 1.5, view, { halo: "#14181c" });
      return;
    }
    const half = 3.5 * view.ratio;
    for (const side of handles) {
      const [x, y] = toScreen(view, handlePlace(box, side));
      path.rect(x - half, y - half, 2 * half, 2 * half);
    }
    context.fillStyle = colours.selected;
    context.fill(path);
    context.lineWidth = 1.25 * view.ratio;
    context.strokeStyle = "#14181c";
    context.stroke(path);
  }

  private region({ id, ring, holes, kind }: Region, { selected }: Scene, view: View): void {
    const { context } = this;
    const path = new Path2D();
    for (const one of [ring, ...(holes ?? [])]) traceRing(path, pointsOf(one, view), true);
    if (kind === "ignore") {
      context.fillStyle = hatched(context, view.ratio);
      context.fill(path, "evenodd");
    }
    this.stroke(path, colours[kind], selected.has(id) ? 3.5 : 2, view, { dash: dashes[kind], halo: true });
    const [left, top, right] = onScreen(view, boxOfRing(ring));
    if (right - left > 90 * view.ratio) this.text(kind, left + 6 * view.ratio, top + 15 * view.ratio, view);
    if (selected.has(id)) this.corners(ring, view);
  }

  private corners(ring: readonly number[], view: View): void {
    const { context } = this;
    const path = new Path2D();
    for (const [x, y] of pointsOf(ring, view)) {
      path.moveTo(x + 4 * view.ratio, y);
      path.arc(x, y, 4 * view.ratio, 0, 2 * Math.PI);
    }
    context.fillStyle = colours.selected;
    context.fill(path);
    context.lineWidth = 1.25 * view.ratio;
    context.strokeStyle = "#14181c";
    context.stroke(path);
  }

  private suspect({ box, kind, current }: Suspected, view: View): void {
    const path = new Path2D();
    (kind === "missing" ? traceSuspect : traceDenied)(path, onScreen(view, box));
    const dash = kind === "missing" ? dashes.suspect : dashes.denied;
    const colour = kind === "missing" ? colours.suspect : colours.denied;
    this.stroke(path, colour, current ? 3 : 1.75, view, { dash, halo: "#14181c" });
  }

  private draft({ ring, closed, dashed }: NonNullable<Scene["draft"]>, view: View): void {
    const path = new Path2D();
    traceRing(path, pointsOf(ring, view), closed);
    this.stroke(path, "#14181c", 1.75, view, { dash: dashed ? [6, 4] : [], halo: true });
    if (!closed) this.corners(ring, view);
  }

  private crosshair(view: View): void {
    const [x, y, arm, gap] = [view.width / 2, view.height / 2, 12 * view.ratio, 3 * view.ratio];
    const path = new Path2D();
    for (const [dx, dy] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ]) {
      path.moveTo(x + dx * gap, y + dy * gap);
      path.lineTo(x + dx * arm, y + dy * arm);
    }
    this.stroke(path, "#14181c", 1.5, view, { halo: true });
  }

  private stroke(
    path: Path2D,
    colour: string,
    width: number,
    { ratio }: View,
    { dash = [], halo = false }: { dash?: readonly number[]; halo?: boolean | string } = {},
  ): void {
    const { context } = this;
    context.setLineDash(dash.map((length) => length * ratio));
    if (halo) {
      context.lineWidth = (width + 2) * ratio;
      context.strokeStyle = typeof halo === "string" ? halo : "rgba(255, 255, 255, 0.75)";
      context.stroke(path);
    }
    context.lineWidth = width * ratio;
    context.strokeStyle = colour;
    context.stroke(path);
    context.setLineDash([]);
  }
}

function onScreen(view: View, [left, top, right, bottom]: Box): Box {
  const { scale, x, y } = view;
  return [(left - x) * scale, (top - y) * scale, (right - x) * scale, (bottom - y) * scale];
}

function pointsOf(ring: readonly number[], view: View): Point[] {
  const points: Point[] = [];
  for (let i = 0; i < ring.length; i += 2) points.push(toScreen(view, [ring[i], ring[i + 1]]));
  return points;
}

const hatches = new Map<number, CanvasPattern>();

/** Thin lines from corner to corner. */
function hatched(context: CanvasRenderingContext2D, ratio: number): CanvasPattern {
  let pattern = hatches.get(ratio);
  if (!pattern) {
    const side = Math.round(8 * ratio);
    const tile = document.createElement("canvas");
    [tile.width, tile.height] = [side, side];
    const pen = tile.getContext("2d")!;
    pen.strokeStyle = "rgba(70, 80, 90, 0.55)";
    pen.lineWidth = ratio;
    for (const shift of [-side, 0, side]) {
      pen.moveTo(shift, side);
      pen.lineTo(shift + side, 0);
    }
    pen.stroke();
    hatches.set(ratio, (pattern = context.createPattern(tile, "repeat")!));
  }
  return pattern;
}
