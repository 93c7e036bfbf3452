// Takes pictures of every screen of the in-memory build: light, dark, and narrow.
// SHOTS names the folder; ONLY and SCREENS narrow it to some looks and screens.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { launch, openPage } from "./browser.mjs";
import { atKiosk, kioskScreens, screens } from "./screens.mjs";
import { serve } from "./serve.mjs";

const folder = process.env.SHOTS;
if (!folder) throw new Error("SHOTS must name the folder for the pictures");

const looks = [
  { name: "light", options: { colorScheme: "light" } },
  { name: "dark", options: { colorScheme: "dark" } },
  { name: "small", options: { colorScheme: "light", viewport: { width: 1024, height: 640 } } },
  { name: "kiosk-light", kiosk: true, options: { colorScheme: "light", viewport: { width: 1080, height: 1920 } } },
  { name: "kiosk-dark", kiosk: true, options: { colorScheme: "dark", viewport: { width: 1080, height: 1920 } } },
  { name: "narrow", options: { colorScheme: "light", viewport: { width: 512, height: 800 } } },
];

const only = process.env.ONLY?.split(",");
const screensOnly = process.env.SCREENS?.split(",");
const host = await serve("node_modules/.cache/memory-build");
const browser = await launch();
await mkdir(folder, { recursive: true });
for (const look of looks.filter((l) => !only || only.includes(l.name))) {
  const { page, context, complaints } = await openPage(browser, { reducedMotion: "reduce", ...look.options });
  const all = look.kiosk ? [...kioskScreens, ...screens.filter((s) => !s.laptopOnly).map((s) => ({ ...s, address: atKiosk(s.address) }))] : screens;
  for (const screen of all.filter((s) => !screensOnly || screensOnly.includes(s.name))) {
    await page.goto("about:blank");
    await page.goto(host.url + screen.address);
    await screen.ready(page);
    await page.screenshot({ path: join(folder, `${screen.name}-${look.name}.png`) });
  }
  await context.close();
  for (const complaint of complaints) console.error(`${look.name}: ${complaint}`);
}
await browser.close();
await host.stop();
