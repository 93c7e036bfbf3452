// Every screen in the looks of a laptop.
import { checkIn } from "./looks.mjs";

// Where only the layout differs, the accessibility of another look stands for it.
checkIn([
  { name: "light", options: { colorScheme: "light" } },
  { name: "dark", options: { colorScheme: "dark" } },
  { name: "high contrast", options: { contrast: "more" } },
  { name: "the smallest window", layoutOnly: true, options: { viewport: { width: 1024, height: 640 }, reducedMotion: "reduce" } },
  { name: "zoomed to 200 %", options: { viewport: { width: 512, height: 320 }, deviceScaleFactor: 2 } },
  { name: "German", layoutOnly: true, options: { locale: "de-DE" } },
]);
