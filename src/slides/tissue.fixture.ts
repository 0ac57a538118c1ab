// Made slides of which the tissue is known: pieces of drawn tissue on glass, and what lies on the glass besides.

import type { RgbImage } from "../data/image-file.ts";
import { Noise, smoothstep } from "../data/synthetic/noise.ts";
import { blob, paint, ring, rod, roughen, type Shape, union } from "../data/synthetic/shape.ts";
import { randomStain, type SyntheticKind } from "../data/synthetic/stain.ts";
import { synthesizePatch } from "../data/synthetic/synthetic.ts";
import { Random } from "../random.ts";

export const MADE_MICRONS = 2;

export interface MadeOptions {
  readonly seed: number;
  readonly width?: number;
  readonly height?: number;
  readonly kind: SyntheticKind;
  /** Factors on what is usual of haematoxylin and of the second stain. */
  readonly strength: readonly [number, number];
  readonly glass?: readonly [number, number, number];
  /** Whether there are pieces of tissue, tissue all over, or none. */
  readonly tissue?: "pieces" | "all" | "none";
  readonly pen?: boolean;
  readonly bubbles?: boolean;
  readonly dust?: boolean;
  readonly glassEdge?: boolean;
  readonly blackBorder?: boolean;
  /** White, as where a scanner has not looked. */
  readonly padding?: boolean;
}

export interface MadeSlide {
  readonly image: RgbImage;
  /** 0 glass, 1 tissue, 2 neither is right to say: an edge, tissue below ink. */
  readonly truth: Uint8Array;
}

/** A slide at `MADE_MICRONS` a pixel. */
export function madeSlide(options: MadeOptions): MadeSlide {
  const { seed, width = 2400, height = 1600, glass = [244, 244, 242] } = options;
  const random = new Random(seed);
  const noise = new Noise(random);
  const data = new Uint8Array(3 * width * height);
  const truth = new Uint8Array(width * height);
  const covers = tissueCover(options, { width, height }, random, noise);
  const texture = drawnTissue(options, random);
  for (let y = 0, pixel = 0; y < height; y++)
    for (let x = 0; x < width; x++, pixel++) {
      const cover = covers[pixel];
      truth[pixel] = cover > 0.95 ? 1 : cover > 0.05 ? 2 : 0;
      const light = 1 + 0.012 * noise.at(x / 500, y / 500) + 0.008 * (random.uniform() - 0.5);
      for (let c = 0; c < 3; c++) {
        const passed = cover === 0 ? 1 : texture(x, y, c) ** cover;
        data[3 * pixel + c] = Math.min(255, glass[c] * light * passed);
      }
    }
  const slide = { image: { width, height, data }, truth };
  if (options.pen) drawPen(slide, random, noise);
  if (options.bubbles) drawBubbles(slide, random);
  if (options.dust) drawDust(slide, random);
  if (options.glassEdge) drawGlassEdge(slide);
  if (options.blackBorder) drawFrame(slide, 60, 4);
  if (options.padding) drawFrame(slide, 200, 255);
  return slide;
}

/** How much of the light passes through tissue at a place: a drawn patch, mirrored again and again. */
function drawnTissue({ kind, strength }: MadeOptions, random: Random): (x: number, y: number, c: number) => number {
  const side = 512;
  const usual = randomStain(kind, random);
  const stain = { ...usual, strength, vignette: 0, noise: 1, light: [250, 250, 250] as const };
  const { rgb } = synthesizePatch({ kind, width: side, height: side, random, stain, boxSize: 16 / MADE_MICRONS });
  const mirrored = (v: number): number => (v % (2 * side) < side ? v % side : side - 1 - (v % side));
  const passed = Float32Array.from(rgb, (value) => Math.min(1, (value + 0.5) / 250));
  return (x, y, c) => passed[3 * (mirrored(y) * side + mirrored(x)) + c];
}

/** Four pieces and a core of a needle, one piece with a large hole, and small fragments. */
function tissueCover(
  { tissue = "pieces" }: MadeOptions,
  { width, height }: { width: number; height: number },
  random: Random,
  noise: Noise,
): Float32Array {
  const covers = new Float32Array(width * height).fill(tissue === "all" ? 1 : 0);
  if (tissue !== "pieces") return covers;
  const rough = (shape: Shape): Shape => roughen(shape, { noise, height: 12, period: 30 });
  const piece = (x: number, y: number, radius: number): Shape =>
    rough(blob({ x, y, radius, elongation: random.uniform(1, 1.8), angle: random.uniform(0, 3), irregularity: 0.5, random }));
  const { x, y } = { x: 0.27 * width, y: 0.3 * height };
  const shapes = [piece(0.7 * width, 0.32 * height, 290), piece(0.24 * width, 0.75 * height, 200)];
  shapes.push(rough(ring({ x, y, radius: 210, thickness: 160 })));
  shapes.push(rough(rod({ x: 0.62 * width, y: 0.76 * height, length: 1000, thickness: 110, angle: 0.2, bend: 60 })));
  for (let i = 0; i < 5; i++) shapes.push(piece(0.88 * width, (0.2 + 0.15 * i) * height, random.uniform(45, 80)));
  for (const shape of shapes)
    paint({ width, height }, { shape, softness: 4 }, (pixel, cover) => {
      covers[pixel] = Math.max(covers[pixel], cover);
    });
  return covers;
}

/** Strokes of blue, green and black, one of them across tissue. */
function drawPen(slide: MadeSlide, random: Random, noise: Noise): void {
  const { width, height } = slide.image;
  const stroke = (x: number, y: number, length: number, angle: number, bend: number): Shape =>
    roughen(rod({ x, y, length, thickness: 100, angle, bend }), { noise, height: 8, period: 40 });
  const inks = [
    [0.1, 0.22, 0.68],
    [0.12, 0.5, 0.28],
    [0.1, 0.1, 0.12],
  ] as const;
  const strokes = [
    stroke(0.48 * width, 0.16 * height, 1000, random.uniform(0.1, 0.3), 80),
    stroke(0.09 * width, 0.5 * height, 900, 1.5, 60),
    stroke(0.45 * width, 0.5 * height, 700, random.uniform(1.2, 1.4), -50),
  ];
  for (const [i, shape] of strokes.entries())
    paint(slide.image, { shape, softness: 5 }, (pixel, cover) => {
      const flow = 0.85 + 0.15 * noise.at((pixel % width) / 60, pixel / width / 60);
      darken(
        slide,
        pixel,
        inks[i].map((passed) => passed ** (cover * flow)),
      );
      if (slide.truth[pixel] === 1) slide.truth[pixel] = 2;
    });
}

/** Dark grey rims, with a seam of colour as lenses make it, and light inside. */
function drawBubbles(slide: MadeSlide, random: Random): void {
  const { width, height } = slide.image;
  for (let i = 0; i < 7; i++) {
    const radius = random.uniform(30, 220);
    const shape = ring({ x: random.uniform(0, width), y: random.uniform(0, height), radius, thickness: 24 });
    paint(slide.image, { shape, softness: 8 }, (pixel, cover) => {
      darken(slide, pixel, [0.27 ** cover, 0.28 ** cover, 0.3 ** cover]);
      if (slide.truth[pixel] === 1) slide.truth[pixel] = 2;
    });
  }
}

/** Dark specks, and fibres of blue and red cloth. */
function drawDust(slide: MadeSlide, random: Random): void {
  const { width, height } = slide.image;
  const place = () => ({ x: random.uniform(0, width), y: random.uniform(0, height), angle: random.uniform(0, 3) });
  for (let i = 0; i < 40; i++) {
    const grains = [0, 1].map((step) => blob({ ...place(), radius: 4 + 6 * step, elongation: 1.5, irregularity: 0.4, random }));
    for (const grain of grains)
      paint(slide.image, { shape: grain, softness: 2 }, (pixel, cover) =>
        darken(
          slide,
          pixel,
          [0.3, 0.28, 0.25].map((v) => v ** cover),
        ),
      );
  }
  for (let i = 0; i < 4; i++) {
    const { x, y, angle } = place();
    const fibres = [0, 1].map((step) => rod({ x: x + 90 * step, y, length: 260, thickness: 9, angle, bend: 30 - 60 * step }));
    const colour = i % 2 === 0 ? [0.3, 0.45, 0.75] : [0.8, 0.4, 0.4];
    paint(slide.image, { shape: union(x, y, fibres), softness: 3 }, (pixel, cover) =>
      darken(
        slide,
        pixel,
        colour.map((v) => v ** cover),
      ),
    );
  }
}

/** A dark line down the slide, and right of it another, darker grey. */
function drawGlassEdge(slide: MadeSlide): void {
  const { width, height } = slide.image;
  for (let y = 0; y < height; y++) {
    const edge = 0.955 * width + 0.03 * y;
    for (let x = Math.floor(edge); x < width; x++) {
      const pixel = y * width + x;
      const rim = smoothstep(26, 10, x - edge);
      darken(
        slide,
        pixel,
        [0.86, 0.865, 0.87].map((v) => v * (1 - 0.65 * rim)),
      );
      if (rim > 0 && slide.truth[pixel] === 1) slide.truth[pixel] = 2;
    }
  }
}

/** One level of all colours, `side` pixels along the left and the upper border, and a third of that along the others. */
function drawFrame({ image: { width, height, data }, truth }: MadeSlide, side: number, level: number): void {
  for (let y = 0, pixel = 0; y < height; y++)
    for (let x = 0; x < width; x++, pixel++) {
      if (x >= side && y >= side && x < width - side / 3 && y < height - side / 3) continue;
      data.fill(level, 3 * pixel, 3 * pixel + 3);
      truth[pixel] = 0;
    }
}

function darken({ image: { data } }: MadeSlide, pixel: number, passed: readonly number[]): void {
  for (let c = 0; c < 3; c++) data[3 * pixel + c] *= passed[c];
}
