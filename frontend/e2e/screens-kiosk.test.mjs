// Every screen in the looks of a kiosk.
import { checkIn } from "./looks.mjs";
import { kioskScreens } from "./screens.mjs";

checkIn([
  { name: "a kiosk", kiosk: true, options: { viewport: { width: 1080, height: 1920 } } },
  { name: "a dark kiosk", kiosk: true, only: kioskScreens, options: { colorScheme: "dark", viewport: { width: 1080, height: 1920 } } },
]);
