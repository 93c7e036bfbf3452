// The main job, on the real programs: work without a network, a killed app, one effect each.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { launch, openPage } from "./browser.mjs";
import { newPlace, startApp, startBff } from "./programs.mjs";
import { signIn } from "./sign-in.mjs";

const WITHIN_MS = 10_000;
let place;
let browser;
const running = new Set();

function keep(program) {
  running.add(program);
  return program;
}

before(async () => {
  place = await newPlace();
  browser = await launch();
});

// A failure leaves what was on the screen, where PICTURES names a folder.
afterEach(async () => {
  const pages = browser?.contexts().flatMap((c) => c.pages()) ?? [];
  if (!process.env.PICTURES) return;
  for (const [i, page] of pages.entries()) await page.screenshot({ path: join(process.env.PICTURES, `left-${i}.png`) });
});

after(async () => {
  await browser?.close();
  for (const program of running) await program.kill();
  await place?.remove();
});

/** Writes an invoice with the keyboard alone. */
async function writeInvoice(page, number, { customer, currency, description, lines }) {
  await page.keyboard.press("i");
  await page.getByRole("combobox", { name: "Customer" }).waitFor();
  await page.keyboard.type(customer);
  await page.getByRole("option", { name: customer }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("textbox", { name: /^Description/ }).focus();
  await page.keyboard.type(description);
  await page.getByRole("combobox", { name: "Currency" }).fill(currency);
  await page.getByRole("option", { name: new RegExp(`^${currency}`) }).click();
  await page.getByLabel("Line 1 Description").focus();
  for (const [i, line] of lines.entries()) {
    for (const text of line) {
      await page.keyboard.press("ControlOrMeta+a");
      if (text === "") await page.keyboard.press("Delete");
      else await page.keyboard.type(text);
      if (text !== line.at(-1) || i < lines.length - 1) await page.keyboard.press("Enter");
    }
  }
  await page.keyboard.press("Control+Enter");
  await page.getByRole("status").filter({ hasText: `Invoice saved as action ${number}` }).waitFor();
  await page.getByRole("form").waitFor({ state: "detached" });
  await page.getByRole("link", { name: "Take payment" }).waitFor();
}

async function takeCash(page, number, amount) {
  await page.getByRole("link", { name: "Take payment" }).click();
  await page.getByLabel("Amount received").fill(amount);
  await page.keyboard.press("Control+Enter");
  await page.getByRole("status").filter({ hasText: `Payment saved as action ${number}` }).waitFor();
  await page.getByRole("form").waitFor({ state: "detached" });
  // The next key belongs to the page of the invoice, not to a field that is about to go.
  await page.getByRole("link", { name: "Take payment" }).waitFor();
}

async function statesOf(page) {
  return page.getByRole("main").getByRole("article").allInnerTexts();
}

async function token(bff) {
  const answer = await fetch(`${bff}/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: "demo@fieldpay.com", password: "demo123" }),
  });
  return (await answer.json()).tokens.accessToken;
}

async function officeInvoices(bff) {
  const answer = await fetch(`${bff}/salesforce/invoices`, { headers: { authorization: `Bearer ${await token(bff)}` } });
  return answer.json();
}

test("a rep works without the server, the app is killed, and each thing arrives once", async () => {
  const server = keep(await startBff(place));
  const bff = server.address;
  let app = keep(await startApp(place, bff));
  let { page, context, complaints } = await openPage(browser);
  await page.goto(app.address);
  await signIn(page);
  await page.getByRole("link", { name: "Customers" }).click();
  await page.getByRole("link", { name: "Wayne Financial" }).waitFor();

  await server.kill();
  await writeInvoice(page, 1, {
    customer: "Acme Corporation",
    currency: "USD",
    description: "Service in November",
    lines: [
      ["Service visit", "3", "180.00", "", "8.25"],
      ["Valve kit", "1", "412.50", "12.50", "8.25"],
      ["Travel", "1", "60.00", "", "0"],
    ],
  });
  // The first send that finds no server tells: no screen had to ask.
  await page.getByRole("region", { name: "Status" }).getByText("Offline", { exact: true }).waitFor();
  await takeCash(page, 2, "500.00");
  await writeInvoice(page, 3, {
    customer: "Wayne Financial",
    currency: "JPY",
    description: "Kyoto workshop",
    lines: [
      ["Workshop", "1", "120000", "", "10"],
      ["Handouts", "12", "850", "", "10"],
      ["Room", "0.5", "33333", "", "10"],
    ],
  });
  const line = page.getByRole("region", { name: "Status" });
  await line.getByText("3 unsent").waitFor();
  await line.getByText("500.00").waitFor();

  await app.kill();
  await context.close();
  assert.deepEqual(complaints.filter((c) => !c.includes("ERR_")), []);

  app = keep(await startApp(place, bff));
  ({ page, context, complaints } = await openPage(browser));
  await page.goto(app.address);
  await page.getByText("3 actions unsent").waitFor();
  await page.getByRole("link", { name: /^Outbox/ }).first().click();
  await page.getByRole("radiogroup", { name: "Which actions" }).getByText("All", { exact: true }).click();
  await page.getByRole("main").getByRole("article").first().waitFor();
  for (const line of await statesOf(page)) assert.match(line, /Saved/);

  keep(await startBff(place, new URL(bff).host));
  await page.waitForFunction(
    () => {
      const lines = [...document.querySelectorAll("main article")].map((a) => a.textContent ?? "");
      return lines.length === 3 && lines.every((l) => l.includes("Done"));
    },
    undefined,
    { timeout: WITHIN_MS },
  );
  await page.getByRole("region", { name: "Status" }).getByText("Nothing unsent").waitFor();

  const ours = (await officeInvoices(bff)).filter((i) => !/^inv-00\d$/.test(i.id));
  assert.deepEqual(
    ours.map((i) => [i.currency, i.amount, i.status]).sort(),
    [
      ["jpy", 161554, "draft"],
      ["usd", 107755, "pending"],
    ],
  );
  assert.deepEqual(complaints, []);
  await context.close();
});
