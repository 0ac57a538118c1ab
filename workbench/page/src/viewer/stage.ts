// A viewer of an image with the canvas of marks over it, and what is common to all of them: where they look.

import type OpenSeadragonNames from "openseadragon";
import type { Box, ImageFacts } from "../../../src/api.ts";
import { Layer, type Scene } from "../canvas/layer.ts";
import type { Point, View } from "../canvas/view.ts";
import { viewerShape } from "../state/queue.ts";
import { glances, loading, pointer, zoom } from "../state/view.ts";
import type { Hand } from "./hand.ts";
import { tileUrl, windowInside } from "./zoom.ts";

const { OpenSeadragon } = globalThis as unknown as { OpenSeadragon: typeof OpenSeadragonNames };

/** The one that somebody moves; the others follow it. */
let leader: Stage | null = null;
export const stages = new Set<Stage>();
export const mainStage = () => [...stages][0] ?? null;

export class Stage {
  readonly osd: OpenSeadragonNames.Viewer;
  image: ImageFacts | null = null;
  scene: Scene | null = null;
  private readonly layer: Layer;
  private goal: Box | null = null;
  private due = 0;
  private place = "";

  constructor(element: HTMLElement, hand: Hand) {
    const gestures = { clickToZoom: false, dblClickToZoom: false };
    this.osd = OpenSeadragon({
      element,
      drawer: "canvas",
      showNavigationControl: false,
      animationTime: 0.3,
      springStiffness: 9,
      visibilityRatio: 0.2,
      minZoomImageRatio: 0.5,
      maxZoomPixelRatio: 24,
      zoomPerScroll: 1.25,
      imageSmoothingEnabled: true,
      gestureSettingsMouse: { ...gestures, flickEnabled: false },
      gestureSettingsTouch: { ...gestures, flickEnabled: true, pinchRotate: false },
      gestureSettingsPen: { ...gestures },
    });
    const canvas = document.createElement("canvas");
    canvas.className = "marks";
    canvas.setAttribute("aria-hidden", "true");
    this.osd.canvas.append(canvas);
    this.layer = new Layer(canvas);
    this.osd.addHandler("canvas-key", (event) => {
      event.preventDefaultAction = true; // the page's keys are in keys.ts
    });
    this.osd.addHandler("update-viewport", () => this.draw());
    this.osd.addHandler("resize", () => this.drawSoon());
    this.osd.addHandler("open", () => {
      if (this.goal) this.goTo(this.goal, true);
      this.drawSoon();
    });
    this.osd.addHandler("open-failed", () => this.drawSoon());
    for (const name of ["tile-loaded", "tile-load-failed"] as const)
      this.osd.addHandler(name, () => {
        if (this === mainStage()) loading.value = false;
      });
    hand.hold(this);
    element.addEventListener("pointerenter", () => this.lead());
    element.addEventListener("pointerdown", () => this.lead(), { capture: true });
    element.addEventListener("focusin", () => this.lead());
    this.osd.canvas.addEventListener("pointermove", (event) => {
      if (this.image) pointer.value = this.placeOf(event);
    });
    this.osd.canvas.addEventListener("pointerleave", () => {
      pointer.value = null;
    });
    stages.add(this);
    leader ??= this;
  }

  lead(): void {
    leader = this;
  }

  destroy(): void {
    stages.delete(this);
    if (leader === this) leader = [...stages][0] ?? null;
    cancelAnimationFrame(this.due);
    this.osd.destroy();
  }

  open(image: ImageFacts | null): void {
    if (image?.id === this.image?.id) {
      this.image = image;
      return;
    }
    [this.image, this.goal] = [image, null];
    if (this === mainStage()) loading.value = image !== null;
    if (!image) {
      this.osd.close();
      return;
    }
    const { width, height, tileSize, levels } = image;
    this.osd.open({
      width,
      height,
      tileSize,
      tileOverlap: 0,
      minLevel: 0,
      maxLevel: levels - 1,
      getTileUrl: (level: number, x: number, y: number) => tileUrl(image.id, level, x, y),
    } as unknown as OpenSeadragonNames.TileSourceSpecifier);
  }

  /** What is seen now; null while nothing is open. */
  view(): View | null {
    const { image, osd } = this;
    const item = osd.world.getItemAt(0);
    if (!image || !item) return null;
    const ratio = devicePixelRatio || 1;
    const { clientWidth, clientHeight } = osd.canvas;
    const bounds = osd.viewport.getBoundsNoRotate(true);
    const width = Math.round(clientWidth * ratio);
    // OpenSeadragon's unit is the image's width.
    return {
      scale: width / (bounds.width * image.width),
      x: bounds.x * image.width,
      y: bounds.y * image.width,
      width,
      height: Math.round(clientHeight * ratio),
      ratio,
    };
  }

  draw(): void {
    const view = this.view();
    if (!view || !this.scene) return;
    this.layer.draw(this.scene, view);
    if (this !== leader) return;
    zoom.value = view.scale / view.ratio;
    const place = `${view.x} ${view.y} ${view.scale}`;
    if (place !== this.place) glances.value++;
    this.place = place;
    [viewerShape.width, viewerShape.height] = [view.width || 1, view.height || 1];
    for (const other of stages) if (other !== this) other.follow(this);
  }

  /** In the next frame, once, when something but the view has changed. */
  drawSoon(): void {
    cancelAnimationFrame(this.due);
    this.due = requestAnimationFrame(() => this.draw());
  }

  private follow(other: Stage): void {
    if (!this.osd.world.getItemAt(0)) return;
    const [from, to] = [other.osd.viewport, this.osd.viewport];
    const [bounds, mine] = [from.getBoundsNoRotate(true), to.getBoundsNoRotate(true)];
    if (Math.abs(bounds.x - mine.x) + Math.abs(bounds.y - mine.y) + Math.abs(bounds.width - mine.width) < 1e-7) return;
    to.zoomTo(from.getZoom(true), undefined, true);
    to.panTo(from.getCenter(true), true);
    this.drawSoon();
  }

  /** Shows a box with what surrounds it. */
  show(box: Box): void {
    const { clientWidth, clientHeight } = this.osd.canvas;
    if (this.image) this.goTo(windowInside(this.image, box, clientWidth / (clientHeight || 1)));
  }

  /** Shows a window of the image, also when the image is not there yet. */
  goTo(window: Box, immediately = false): void {
    this.lead();
    const { image, osd } = this;
    if (!image || !osd.world.getItemAt(0)) {
      this.goal = window;
      return;
    }
    this.goal = null;
    const [left, top, right, bottom] = window.map((value) => value / image.width);
    osd.viewport.fitBounds(new OpenSeadragon.Rect(left, top, right - left, bottom - top), immediately);
  }

  home(): void {
    this.osd.viewport.goHome();
  }

  zoomBy(factor: number): void {
    this.osd.viewport.zoomBy(factor);
    this.osd.viewport.applyConstraints();
  }

  /** By pixels of CSS. */
  panBy(x: number, y: number): void {
    this.osd.viewport.panBy(this.osd.viewport.deltaPointsFromPixels(new OpenSeadragon.Point(x, y)));
    this.osd.viewport.applyConstraints();
  }

  /** The place of the image in the middle of the viewer. */
  middle(): Point | null {
    const view = this.view();
    return view && [view.x + view.width / 2 / view.scale, view.y + view.height / 2 / view.scale];
  }

  /** The place of the image under a pointer. */
  placeOf(event: { readonly clientX: number; readonly clientY: number }): Point {
    const { left, top } = this.osd.canvas.getBoundingClientRect();
    return this.placeAt([event.clientX - left, event.clientY - top]);
  }

  /** The place of the image at pixels of CSS from the viewer's corner. */
  placeAt([x, y]: Point): Point {
    const view = this.view();
    return view ? [view.x + (x * view.ratio) / view.scale, view.y + (y * view.ratio) / view.scale] : [0, 0];
  }

  setCursor(cursor: string): void {
    this.osd.canvas.style.cursor = cursor;
  }
}
