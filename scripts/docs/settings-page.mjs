// Every setting of a training and of its detector, from the declarations in src/settings/.

import { code, heading, table } from "./markdown.mjs";

export async function settingsPage() {
  const { settingsIn } = await import("../../dist/settings/declarations.js");
  const { trainChoices, trainingSettings } = await import("../../dist/settings/training.js");
  const settings = settingsIn(trainingSettings);
  const groups = [...new Set(settings.map(groupOf))];
  return `${[
    heading("Settings", "src/settings/"),
    "What the `config.json` of a run and the metadata of a model hold, with the option of [`train`](commands.md#train) that sets it. A setting without an option is set by the preset of a protocol, or from code.",
    ...groups.map((group) => {
      const ofGroup = settings.filter((setting) => groupOf(setting) === group);
      return `\n## ${group === "" ? "Training" : group}\n\n${settingsTable(ofGroup, group)}`;
    }),
    "\n## Choices on the command line\n\nOptions of `train` that name a rule; the record holds the value that follows from it.\n",
    settingsTable(settingsIn(trainChoices), ""),
  ].join("\n")}\n`;
}

/** "detector.rpn" of detector.rpn.preNmsTopN.train. */
const groupOf = ({ path }) => path.slice(0, Math.min(2, path.length - 1)).join(".");

function settingsTable(settings, group) {
  const depth = group === "" ? 0 : group.split(".").length;
  const rows = settings.map(({ path, setting }) => [
    code(path.slice(depth).join(".")),
    setting.about,
    setting.expected,
    defaultOf(setting),
    setting.flag ? code(setting.flag) : "",
    setting.since ? `${setting.since.version}; before it ${setting.show(setting.since.before)}` : "",
  ]);
  return table(["setting", "meaning", "value", "default", "option", "recorded since"], rows);
}

function defaultOf({ auto, show, default: value }) {
  if (auto) return auto;
  return value === "" ? "" : code(show(value));
}
