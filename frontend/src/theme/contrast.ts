import { keepSetting, readSetting } from "~/util/settings";

const levels = ["system", "normal", "more"] as const;
type Level = (typeof levels)[number];

/** The contrast in force: chosen here, else the system's wish. */
export function readContrast(): "normal" | "more" {
  const chosen = readSetting<Level>("contrast", levels, "system");
  if (chosen !== "system") return chosen;
  return window.matchMedia("(prefers-contrast: more)").matches ? "more" : "normal";
}

/** Puts the contrast on the page. */
export function applyContrast(level: "normal" | "more"): void {
  document.documentElement.dataset["contrast"] = level;
}

/** Chooses a contrast, now and for the next start. */
export function keepContrast(level: "normal" | "more"): "normal" | "more" {
  keepSetting("contrast", level);
  applyContrast(level);
  return level;
}
