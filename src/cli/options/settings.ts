// Settings on the command line: every declaration with a flag is an option, its text is read and checked as declared.

import { InvalidArgumentError, Option } from "commander";
import { type Declarations, type SomeOf, settingsIn, type ValuesOf } from "../../settings/declarations.ts";
import type { Setting } from "../../settings/setting.ts";

/** One option for each setting that declares a flag, in the order of the declarations. */
export function settingOptions(declarations: Declarations): Option[] {
  return settingsIn(declarations)
    .filter(({ setting }) => setting.flag)
    .map(({ setting }) => settingOption(setting));
}

export function settingOption<T>(setting: Setting<T>): Option {
  const { flag = "", about, auto, choices } = setting;
  const turnsOff = flag.startsWith("--no-");
  const option = new Option(flag, `${turnsOff ? "without " : ""}${about}${auto ? ` (default: ${auto})` : ""}`);
  if (choices) option.choices(choices);
  else if (!option.isBoolean() && !turnsOff) option.argParser(parser(setting));
  return auto || option.isBoolean() || turnsOff ? option : option.default(setting.default);
}

/** Reads the text of an option, as commander wants it. */
export function parser<T>(setting: Pick<Setting<T>, "read" | "expected">): (text: string) => T {
  return (text) => {
    const value = setting.read(text);
    if (value === undefined) throw new InvalidArgumentError(`It must be ${setting.expected}.`);
    return value;
  };
}

/** Of commander's options those that are settings, where the declarations have them. */
export function givenSettings<D extends Declarations>(declarations: D, options: object): SomeOf<ValuesOf<D>> {
  const given: { [name: string]: unknown } = {};
  for (const { path, setting } of settingsIn(declarations)) {
    const value = setting.flag && (options as { [name: string]: unknown })[new Option(setting.flag).attributeName()];
    if (value === undefined || (setting.flag?.startsWith("--no-") && value === true)) continue; // commander says true of them unasked
    const group = path.slice(0, -1).reduce((outer, name) => (outer[name] ??= {}) as typeof given, given);
    group[path.at(-1) as string] = value;
  }
  return given as SomeOf<ValuesOf<D>>;
}
