// Parsers for options that are not settings, which read as settings do.

import * as setting from "../../settings/setting.ts";
import { parser } from "./settings.ts";

/** A parser of whole numbers from `least` to `most`. */
export const whole = (least: number, most?: number) => parser(setting.whole(least, "", [least, most]));

/** A parser of numbers from `least` to `most`. */
export const between = (least: number, most?: number) => parser(setting.number(least, "", [least, most]));
