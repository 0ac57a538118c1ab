// What the pointer does in a viewer: with the move tool it pans and selects, with the others it marks. A selected cell has
// handles whatever the tool is.

import { signal } from "@preact/signals";
import type OpenSeadragonNames from "openseadragon";
import type { Box, Cell, Id, Region } from "../../../src/api.ts";
import {
  boxBetween,
  cellAt,
  contains,
  cornerAt,
  dragged,
  handlePlace,
  handles,
  leastForHandles,
  moved,
  regionAt,
  ringOf,
} from "../canvas/shapes.ts";
import type { Point } from "../canvas/view.ts";
import { addRegion, changeRegion, markBox, markPoint, placeCell, selectedCells, selectedRegions } from "../state/marking.ts";
import { marksOf } from "../state/project.ts";
import { image, regionKind, selected, show, tool, zoom } from "../state/view.ts";
import type { Stage } from "./stage.ts";

type Gesture =
  | { readonly kind: "draw"; readonly start: Point }
  | { readonly kind: "resize"; readonly cell: Cell; readonly side: Point }
  | { readonly kind: "move"; readonly cell: Cell; readonly start: Point }
  | { readonly kind: "corner"; readonly region: Region; readonly at: number };

/** A box or ring that is being drawn, in pixels of the image. */
export const draft = signal<{ readonly ring: readonly number[]; readonly closed: boolean; readonly dashed: boolean } | null>(
  null,
);
/** While the space bar is held, every tool pans. */
export const panning = signal(false);

type PointerLike = { readonly position: OpenSeadragonNames.Point; readonly pointerType?: string; preventDefaultAction?: boolean };

export class Hand {
  private gesture: Gesture | null = null;

  hold(stage: Stage): void {
    const { osd } = stage;
    const place = (event: PointerLike) => stage.placeAt([event.position.x, event.position.y]);
    const near = (event: PointerLike) => {
      const view = stage.view();
      return view ? ((event.pointerType === "touch" ? 14 : 6) * view.ratio) / view.scale : 0;
    };
    osd.addHandler("canvas-press", (event) => {
      const press = event as unknown as PointerLike;
      this.gesture = panning.value ? null : this.begin(place(press), near(press));
    });
    osd.addHandler("canvas-drag", (event) => {
      if (!this.gesture) return;
      event.preventDefaultAction = true;
      this.drag(place(event as unknown as PointerLike));
    });
    osd.addHandler("canvas-drag-end", (event) => {
      if (!this.gesture) return;
      event.preventDefaultAction = true;
      this.end(place(event as unknown as PointerLike));
    });
    osd.addHandler("canvas-click", (event) => {
      event.preventDefaultAction = true;
      this.gesture = null;
      if (!event.quick || panning.value) return;
      const click = event as unknown as PointerLike;
      this.click(place(click), near(click), (event.originalEvent as MouseEvent).shiftKey);
    });
    osd.addHandler("canvas-double-click", (event) => {
      event.preventDefaultAction = true;
      if (tool.value === "polygon") this.closePolygon();
    });
    osd.addHandler("canvas-pinch", () => this.cancelDrag());
    osd.canvas.addEventListener("pointermove", (event) => {
      if (event.pointerType === "touch") return;
      const at = stage.placeOf(event);
      const view = stage.view();
      if (view && event.buttons === 0) stage.setCursor(this.cursor(at, (6 * view.ratio) / view.scale));
      if (tool.value === "polygon" && corners.length > 0) showCorners(at);
    });
  }

  private begin(at: Point, near: number): Gesture | null {
    const held = this.held(at, near);
    if (held) return held;
    return tool.value === "box" || tool.value === "region" ? { kind: "draw", start: at } : null;
  }

  /** What of the selected things is under the pointer. */
  private held(at: Point, near: number): Gesture | null {
    const [cell] = selectedCells();
    if (cell) {
      const hasHandles = Math.min(cell.box[2] - cell.box[0], cell.box[3] - cell.box[1]) >= leastForHandles / zoom.value;
      const side = handles.find((one) => {
        if (!hasHandles) return false;
        const [x, y] = handlePlace(cell.box, one);
        return Math.hypot(x - at[0], y - at[1]) <= near;
      });
      if (side) return { kind: "resize", cell, side };
      if (contains(cell.box, at)) return { kind: "move", cell, start: at };
    }
    const [region] = selectedRegions();
    if (!region) return null;
    const corner = cornerAt(region.ring, at, near);
    return corner >= 0 ? { kind: "corner", region, at: corner } : null;
  }

  private drag(to: Point): void {
    const { gesture } = this;
    if (!gesture) return;
    if (gesture.kind === "corner") draft.value = { ring: withCorner(gesture.region, gesture.at, to), closed: true, dashed: true };
    else
      draft.value = {
        ring: ringOf(boxOf(gesture, to)),
        closed: true,
        dashed: gesture.kind !== "draw" || tool.value === "region",
      };
  }

  private end(to: Point): void {
    const { gesture } = this;
    this.gesture = null;
    draft.value = null;
    if (!gesture) return;
    if (gesture.kind === "corner") changeRegion(gesture.region.id, { ring: withCorner(gesture.region, gesture.at, to) });
    else if (gesture.kind !== "draw") placeCell(gesture.cell.id, boxOf(gesture, to));
    else if (tool.value === "region") addRegion(regionKind.value, ringOf(boxOf(gesture, to)));
    else markBox(boxOf(gesture, to));
  }

  private click(at: Point, near: number, more: boolean): void {
    if (tool.value === "polygon") this.addCorner(at, near);
    else if (image.value) this.pick(image.value.id, at, near, more);
  }

  /** Selects what is under the pointer; the point tool marks where nothing is. */
  private pick(place: Id, at: Point, near: number, more: boolean): void {
    const { cells, regions } = marksOf(place);
    const cell = show.marks.value ? cellAt(cells, at, near / 2) : null;
    const region = !cell && show.regions.value ? regionAt(regions, at, near) : null;
    const id = cell?.id ?? region?.id;
    if (id && more) {
      const ids = new Set(selected.value);
      if (!ids.delete(id)) ids.add(id);
      selected.value = ids;
    } else if (tool.value === "point" && !cell) markPoint(at);
    else selected.value = new Set(id ? [id] : []);
  }

  private cursor(at: Point, near: number): string {
    if (panning.value) return "grab";
    const held = this.held(at, near);
    if (held?.kind === "resize") {
      const [x, y] = held.side;
      return x === 0 ? "ns-resize" : y === 0 ? "ew-resize" : x === y ? "nwse-resize" : "nesw-resize";
    }
    if (held) return held.kind === "corner" ? "crosshair" : "move";
    return tool.value === "move" ? "grab" : "crosshair";
  }

  /** A click at the first corner closes the ring. */
  private addCorner(at: Point, near: number): void {
    if (corners.length >= 6 && Math.hypot(corners[0] - at[0], corners[1] - at[1]) <= near) this.closePolygon();
    else {
      corners.push(...at);
      showCorners();
    }
  }

  closePolygon(): void {
    // The second click of a double click has put a corner on the last one.
    const ring = corners.filter((_, i) => i < 2 || Math.hypot(...apart(corners, i)) > 1);
    corners.length = 0;
    draft.value = null;
    if (ring.length >= 6) addRegion(regionKind.value, ring);
  }

  private cancelDrag(): void {
    this.gesture = null;
    if (corners.length === 0) draft.value = null;
  }

  cancelDrawing(): void {
    corners.length = 0;
    this.gesture = null;
    draft.value = null;
  }

  /** Escape: what is being drawn goes, then what is selected. */
  cancel(): void {
    if (draft.value || corners.length > 0) this.cancelDrawing();
    else selected.value = new Set();
  }
}

/** Of the polygon that is being drawn. */
const corners: number[] = [];

function showCorners(at?: Point): void {
  draft.value = { ring: at ? [...corners, ...at] : [...corners], closed: false, dashed: false };
}

const boxOf = (gesture: Exclude<Gesture, { kind: "corner" }>, to: Point): Box =>
  gesture.kind === "draw"
    ? boxBetween(gesture.start, to)
    : gesture.kind === "resize"
      ? dragged(gesture.cell.box, gesture.side, to)
      : moved(gesture.cell.box, to[0] - gesture.start[0], to[1] - gesture.start[1]);

function withCorner({ ring }: Region, at: number, [x, y]: Point): number[] {
  return ring.map((value, i) => (i === at ? x : i === at + 1 ? y : value));
}

function apart(ring: readonly number[], i: number): Point {
  const at = i - (i % 2);
  return [ring[at] - ring[at - 2], ring[at + 1] - ring[at - 1]];
}

export const hand = new Hand();
