// What a dataset records of its images' pixels: what was chosen of each that its file leaves open. The range of 16 bits is
// decided for all images together, because a dark field of a bright slide is no reason to brighten it. An image that would be
// almost black beside the others is refused: its camera may use fewer bits than theirs, which only its user knows.

import { join } from "node:path";
import { LEAST_CONTRAST } from "../data/contrast.ts";
import type { DatasetImage } from "../data/dataset.ts";
import { choiceOf, type PixelChoice } from "../data/pixel-choice.ts";
import { FULL_RANGE, type Reading, requireRange } from "../data/pixels.ts";
import { UserError } from "../errors.ts";
import type { CheckedImage } from "./image.ts";

export class PixelRecord {
  readonly #folder: string;
  readonly #choice: PixelChoice;
  readonly #images = new Map<string, CheckedImage>();

  constructor(folder: string, choice: PixelChoice) {
    this.#folder = folder;
    this.#choice = choiceOf(choice);
  }

  add(fileName: string, image: CheckedImage): void {
    this.#images.set(fileName, image);
  }

  /**
   * The images with what is recorded of each; most record nothing. Throws a UserError when no option and no file says which
   * values of 16 bits become 0 to 255 while the uppermost bit is never used, when one image uses far fewer bits than the others,
   * and when `range` is given but no image needs it.
   */
  recordedOn(images: readonly DatasetImage[]): DatasetImage[] {
    const range = this.#range();
    return images.map((image) => {
      const checked = this.#images.get(image.fileName);
      const pixels = checked && this.#recorded(checked, range);
      return pixels && Object.keys(pixels).length > 0 ? { ...image, pixels } : image;
    });
  }

  #recorded({ reading, pages }: CheckedImage, range: (reading: Reading) => string): PixelChoice {
    const { page, channels } = this.#choice;
    return choiceOf({
      page: pages > 1 ? page : undefined,
      channels: channels && isAsStored(reading, channels) ? undefined : channels,
      range: reading.deep ? range(reading) : undefined,
    });
  }

  notes(): string[] {
    const all = [...this.#images.values()];
    const note = (images: readonly CheckedImage[], text: string): string[] =>
      images.length === 0 ? [] : [`${images.length} ${images.length === 1 ? "image has" : "images have"} ${text}`];
    const asStored = all.filter(({ reading, measured }) => measured !== undefined && !reading.recorded);
    const most = asStored.reduce((value, { measured }) => Math.max(value, measured?.nearlyAll ?? 0), 0);
    return [
      ...(most > 0 && most < DARK
        ? [
            `nearly all values of the 16-bit images are ${most} of 65535 or less, which is ${most >> 8} of 255: look at "data view", and import again with --range 0:${2 ** Math.ceil(Math.log2(most + 1)) - 1} if they are too dark`,
          ]
        : this.#darkerNote()),
      ...this.#blankNote(),
      ...note(
        all.filter(({ pages, reading }) => pages > 1 && reading.pages.length === 1 && this.#choice.page === undefined),
        "smaller copies of the picture in further pages; the largest is read",
      ),
      ...note(
        all.filter(({ reading }) => reading.leftOut > 0),
        "further channels that are not declared as opacity; their colours alone are read",
      ),
      ...note(
        all.filter(({ reading }) => reading.page.alpha && reading.channels === null),
        "an opacity channel, which is laid on white; if it is a stain, choose channels with --channels",
      ),
    ];
  }

  /** Images on which nothing can be seen. */
  #blankNote(): string[] {
    const blank = [...this.#images].filter(([, image]) => isBlank(image));
    if (blank.length === 0) return [];
    const { range } = this.#choice;
    const remedy = range === undefined ? 'look at "data view"' : `check --range ${range} against the values that they have`;
    return [
      `${blank.length} of ${this.#images.size} images are black or of one colour, for instance "${blank[0][0]}": ${remedy}`,
    ];
  }

  /** Images that come out dark because others need the range. */
  #darkerNote(): string[] {
    if (this.#choice.range !== undefined) return [];
    const images = [...this.#images].filter(([, { reading }]) => reading.deep);
    const bits = bitsOfAll(images.map(([, image]) => image));
    const darker = images.filter(([, image]) => {
      const { greatest, nearlyAll } = valuesOf(image);
      const most = 2 ** (image.reading.recorded ? bits : 16);
      return greatest > 0 && (image.reading.page.bitsUsed ?? 0) < bits && (greatest < most / 2 || nearlyAll < most / 8);
    });
    if (darker.length === 0) return [];
    const names = darker.slice(0, 5).map(([fileName]) => `"${fileName}"`);
    const more = darker.length > names.length ? ` and ${darker.length - names.length} more` : "";
    return [
      `${darker.length} of ${images.length} images of more than 8 bits may be too dark, since all share one range: ${names.join(", ")}${more}; look at "data view", and stretch each image by itself with --range 1%:99% if they are`,
    ];
  }

  /** Of a reading, the range that is recorded. */
  #range(): (reading: Reading) => string {
    const chosen = this.#choice.range;
    const deep = [...this.#images].filter(([, { reading }]) => reading.deep);
    if (chosen !== undefined) {
      if (deep.length === 0)
        throw new UserError(`--range ${chosen} is for images of more than 8 bits, and ${this.#folder} has none; leave it out`);
      return () => chosen;
    }
    const recorded = deep.filter(([, { reading }]) => reading.recorded);
    for (const [fileName, { reading, measured }] of recorded)
      requireRange(join(this.#folder, fileName), reading, measured?.greatest ?? 0);
    const bits = bitsOfAll(recorded.map(([, image]) => image));
    this.#requireAlike(
      recorded.filter(([, { reading }]) => (reading.page.bitsUsed ?? 0) < bits),
      { most: 2 ** bits - 1, brightest: recorded.find(([, { reading }]) => reading.page.bitsUsed === bits) },
    );
    const others = deep.filter(([, { reading }]) => !reading.recorded);
    if (others.length > 0) {
      const [brightest] = [...others].sort(([, a], [, b]) => valuesOf(b).greatest - valuesOf(a).greatest);
      requireRange(join(this.#folder, brightest[0]), brightest[1].reading, valuesOf(brightest[1]).greatest);
      this.#requireAlike(others, { most: 2 ** 16 - 1, brightest });
    }
    return (reading) => (reading.recorded ? `0:${2 ** bits - 1}` : FULL_RANGE);
  }

  /** Throws a UserError on an image that would be less than 32 of 255 because the brightest needs values up to `most`. */
  #requireAlike(images: readonly Named[], { most, brightest }: { most: number; brightest: Named | undefined }): void {
    for (const [fileName, image] of images) {
      const { greatest } = valuesOf(image);
      if (greatest === 0 || greatest >= (most + 1) / 8 || brightest === undefined) continue;
      throw new UserError(
        `${join(this.#folder, fileName)}: its greatest value is ${greatest}, which would be ${Math.floor((greatest * 255) / most)} of 255 beside "${brightest[0]}", which needs 0 to ${most}; choose the values that become 0 to 255: --range 0:${most} takes all as they are, --range 1%:99% stretches each image by itself; or import the two kinds separately`,
      );
    }
  }
}

type Named = readonly [fileName: string, image: CheckedImage];

function isBlank({ blank, measured, reading: { recorded, page } }: CheckedImage): boolean {
  if (measured === undefined) return blank === true;
  const most = 2 ** (recorded ? (page.bitsUsed ?? 16) : 16);
  return ((measured.greatest - measured.least) * 256) / most < LEAST_CONTRAST;
}

const valuesOf = ({ measured }: CheckedImage) => measured ?? { least: 0, greatest: 0, nearlyAll: 0 };

/** The bits that all images need whose files record how many they use; 16 where none does. */
const bitsOfAll = (images: readonly CheckedImage[]): number =>
  images.reduce((most, { reading }) => Math.max(most, reading.page.bitsUsed ?? 0), 0) || 16;

const DARK = 2 ** 13; // of 16 bits: less than 32 of 255

/** Whether the channels are those that are read anyway. */
function isAsStored({ page, pages }: Reading, channels: readonly number[]): boolean {
  if (pages.length > 1 || page.alpha || channels.some((channel, i) => channel !== i + 1)) return false;
  if (page.meaning === "decoded") return channels.length === 3;
  return channels.length === page.samples && channels.length === page.colours;
}
