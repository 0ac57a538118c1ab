// COCO's compressed run lengths (https://cocodataset.org/#format-data; the layout is described in maskApi.h of cocoapi): text in
// which each character carries 6 bits above the code of "0". Five are a piece of a number, lowest first; the sixth says that more
// follow; bit 4 of the last piece is the sign. From the fourth number on, the difference to the second one before is stored.

const ZERO = 48;
const MAX_PIECES = 7; // 35 bits: more than any count needs, and too few to lose precision

/** The counts; null when the text is not of this form. */
export function decodeCocoCounts(text: string): number[] | null {
  const counts: number[] = [];
  for (let at = 0; at < text.length; ) {
    let [value, scale, code] = [0, 1, 0];
    for (let pieces = 0; ; pieces++) {
      code = text.charCodeAt(at++) - ZERO;
      if (!(code >= 0 && code < 64) || pieces === MAX_PIECES) return null; // NaN behind the end, too
      value += (code & 31) * scale;
      scale *= 32;
      if ((code & 32) === 0) break;
    }
    if ((code & 16) !== 0) value -= scale;
    const count = counts.length > 2 ? value + counts[counts.length - 2] : value;
    if (count < 0) return null;
    counts.push(count);
  }
  return counts;
}
