// The check of screens of the in-memory build: no accessibility violation, no complaint of
// the browser, nothing wider than the window.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { launch, openPage } from "./browser.mjs";
import { atKiosk, kioskScreens, screens } from "./screens.mjs";
import { serve } from "./serve.mjs";

/** Checks every screen in each of the looks. */
export function checkIn(looks) {
  let host;
  let browser;
  before(async () => {
    host = await serve("node_modules/.cache/memory-build");
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await host?.stop();
  });

  for (const look of looks) {
    describe(`in ${look.name}`, () => {
      let opened;
      before(async () => {
        // Colours are judged when nothing moves any more.
        opened = await openPage(browser, { reducedMotion: "reduce", ...look.options });
      });
      after(() => opened.context.close());

      const all = look.kiosk ? [...kioskScreens, ...screens.filter((s) => !s.laptopOnly).map((s) => ({ ...s, address: atKiosk(s.address) }))] : screens;
      for (const screen of look.only ?? all) {
        // The steps of a screen are in English; German is checked where a screen needs none.
        if (look.name === "German" && screen.steps) continue;
        test(`${screen.name} is clean`, async () => {
          const { page, complaints } = opened;
          // A twin of its own: what one screen did, the next does not see.
          await page.goto("about:blank");
          await page.goto(host.url + screen.address);
          if (look.name === "German") await page.getByRole("heading", { level: 1 }).waitFor();
          else await screen.ready(page);
          const { violations } = look.layoutOnly ? { violations: [] } : await new AxeBuilder({ page }).analyze();
          const found = violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`);
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          assert.deepEqual(found, []);
          assert.deepEqual(complaints.splice(0), []);
          assert.ok(overflow <= 0, `${overflow} px wider than the window`);
        });
      }
    });
  }
}
