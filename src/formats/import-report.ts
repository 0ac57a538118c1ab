// What an import took and what it left out, in numbers and names.

import type { RegionKind } from "../geometry/region.ts";
import type { UnreadReport } from "./unread.ts";

/** What was imported and what was dropped, in numbers. */
export interface ImportReport {
  readonly images: {
    readonly found: number;
    readonly imported: number;
    /** Dropped: not mentioned in the annotations. */
    readonly unmentioned: number;
    /** Dropped: the annotations say that no one has labelled them. */
    readonly unlabelled: number;
    /** Dropped: in the annotations, but not in the folder. */
    readonly missing: number;
    /** Dropped: not an image, damaged or cut off. */
    readonly unreadable: number;
    /** Dropped: with a mark that could not be read and whose place is unknown. */
    readonly unread: number;
    /** Dropped: every mark was dropped, which does not mean that the image has no cells. */
    readonly emptied: number;
    /** Imported, but not matched by the group pattern: these keep the source's group or form one each. */
    readonly ungrouped: number;
    readonly groups: number;
  };
  /** read = kept + both kinds of regions (without those of `unread`) + what was dropped. */
  readonly annotations: {
    readonly read: number;
    readonly kept: number;
    /** Kept boxes of `negative` categories. */
    readonly hardNegatives: number;
    /** Kept boxes that stuck out of their image and were clipped to it. */
    readonly clipped: number;
    /** Kept boxes whose corners were in the wrong order, and were put in order. */
    readonly swapped: number;
    /** Dropped: same image, place and label as another. */
    readonly duplicate: number;
    readonly outsideImage: number;
    /** Dropped: boxes without area. */
    readonly empty: number;
    readonly imageMissing: number;
    readonly imageUnreadable: number;
    /** Dropped: on the images of `images.unread`. */
    readonly imageUnread: number;
    /** Dropped: on windows of slides that cannot be decoded. */
    readonly windowUnreadable: number;
  };
  /** How many of the imported images are slides, and into how many windows these were cut. */
  readonly slides?: { readonly slides: number; readonly windows: number };
  /** Regions of the source; those that cover unread marks are in `unread`. */
  readonly regions: { readonly [kind in RegionKind]: number };
  readonly unread: UnreadReport;
  /** The images that were dropped although the annotations mention them, by reason, in the order of the folder or the source. */
  readonly leftOut: {
    readonly missing: readonly string[];
    readonly unreadable: readonly string[];
    readonly emptied: readonly string[];
  };
  /** One line each: how many images are read how, where that was decided by an option or by what the files record. */
  readonly pixels: readonly string[];
  /** One line each: the source's notes, and how many images their EXIF orientation rotates. */
  readonly notes: readonly string[];
}
