// The forms on the real programs: without a server, with one, and refused by it; a crash in
// the middle of typing.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, openPage } from "./browser.mjs";
import { newPlace, startApp, startBff } from "./programs.mjs";
import { signIn } from "./sign-in.mjs";

const WITHIN = { timeout: 20_000 };
let place;
let browser;
let server;
let app;
let opened;

before(async () => {
  place = await newPlace();
  browser = await launch();
  server = await startBff(place);
  app = await startApp(place, server.address);
  opened = await openPage(browser);
  await opened.page.goto(app.address);
  await signIn(opened.page);
  await goTo("/invoices");
  await opened.page.getByRole("link", { name: /INV-00002/ }).waitFor(WITHIN);
});

after(async () => {
  await browser?.close();
  await app?.kill();
  await server?.kill();
  await place?.remove();
});

async function goTo(address) {
  await opened.page.evaluate((to) => {
    window.location.hash = to;
  }, address);
}

/** Saves with the keyboard and reads what the program says of it. */
async function save(said) {
  await opened.page.keyboard.press("Control+Enter");
  await opened.page.getByRole("status").filter({ hasText: said }).waitFor(WITHIN);
  await opened.page.getByRole("form").waitFor({ state: "detached" });
}

/** Waits until the outbox, all of it, reads so. */
async function outbox(words) {
  await goTo("/outbox?show=all");
  await opened.page.waitForFunction(
    (wanted) => {
      const lines = [...document.querySelectorAll("main article")].map((a) => a.textContent ?? "");
      return wanted.every((w) => lines.some((l) => w.every((part) => l.includes(part))));
    },
    words,
    WITHIN,
  );
}

test("without a server a contact, a request and a void are kept, and all of them arrive", async () => {
  const { page } = opened;
  const address = server.address;
  // A card that is on file is known offline once somebody has looked.
  await goTo("/payments/collect?invoice=inv-002");
  await page.getByText("Card on file", { exact: true }).click();
  await page.getByRole("combobox", { name: "Saved card" }).click();
  await page.getByRole("option", { name: /4242/ }).first().waitFor(WITHIN);
  await page.keyboard.press("Escape");
  await server.kill();

  await goTo("/contacts/new?customer=acc-003");
  await page.getByLabel("Last name").focus();
  await page.keyboard.type("Novak");
  await page.keyboard.press("Enter");
  await page.keyboard.type("Ivy");
  await save("Contact saved as action 1");
  await page.getByText("Ivy Novak").waitFor();

  await goTo("/visits/new?customer=acc-003");
  await page.getByRole("combobox", { name: /^Contact/ }).click();
  await page.getByRole("option", { name: "Ivy Novak" }).click();
  await page.getByLabel("Note").fill("Met the new owner");
  await save("Visit saved as action 2");

  await goTo("/payments/collect?invoice=inv-002");
  await page.getByLabel("Amount to request").fill("250");
  await page.getByText("Payment link", { exact: true }).click();
  await save("Request saved as action 3");
  await page.getByRole("link", { name: "Show receipt" }).click();
  await page.getByRole("article", { name: "Payment request, provisional" }).waitFor();

  await goTo("/invoices/inv-003/void");
  await page.getByLabel("Why").focus();
  await page.keyboard.type("Written twice");
  await save("Void saved as action 4");

  await goTo("/payments/collect?invoice=inv-002");
  await page.getByText("Card online, now", { exact: true }).click();
  await page.getByText("Paying a card online needs a connection", { exact: false }).waitFor();

  server = await startBff(place, new URL(address).host);
  await outbox([
    ["New contact", "Done"],
    ["Visit", "Done"],
    ["Payment requested", "Not paid until the invoice says so"],
    ["Invoice voided", "Done"],
  ]);
});

test("a card is paid online at Stripe's page, and the screen says so only then", async () => {
  const { page } = opened;
  await goTo("/payments/collect?invoice=inv-002");
  await page.getByRole("button", { name: "Begin afresh" }).click({ timeout: 2_000 }).catch(() => undefined);
  await page.getByLabel("Amount to request").fill("100");
  await page.getByText("Card online, now", { exact: true }).click();
  await page.getByText("Stripe’s own page opens", { exact: false }).waitFor(WITHIN);
  await page.keyboard.press("Control+Enter");
  await page.getByText("Not paid yet", { exact: false }).waitFor(WITHIN);
  const there = await page.getByRole("link", { name: "Open the page to pay" }).getAttribute("href");
  assert.ok(there);
  // The customer, in a browser of their own.
  const paid = await fetch(there, { method: "POST", body: new URLSearchParams({ payment_method: "pm_card_visa" }), redirect: "manual" });
  assert.ok(paid.status < 400, `the page answered ${paid.status}`);
  await page.getByRole("heading", { name: "Paid", exact: true }).waitFor(WITHIN);
});

test("what the office refuses says why and who must act, and its receipt is no proof", async () => {
  const { page } = opened;
  await goTo("/invoices/inv-001/void");
  await page.getByText("Money was received on this invoice", { exact: false }).waitFor();
  await page.getByLabel("Why").fill("Wrong customer");
  await save("Void saved as action 5");
  await outbox([["Invoice voided", "Needs you", "Money was received"]]);
});

test("a form in the middle of typing is there after the power went, and is saved once", async () => {
  await goTo("/visits/new?customer=acc-004");
  await opened.page.getByLabel("Note").focus();
  await opened.page.keyboard.type("Half a sente");
  // The draft is on the disk half a second later.
  const kept = opened.page.waitForResponse((r) => (r.request().postData() ?? "").includes("Half a sente"), WITHIN);
  await opened.page.keyboard.type("n");
  await kept;
  assert.deepEqual(opened.complaints.filter((c) => !c.includes("ERR_")), []);
  await app.kill();
  await opened.context.close();

  app = await startApp(place, server.address);
  opened = await openPage(browser);
  const { page } = opened;
  await page.goto(app.address);
  await page.getByRole("list", { name: "Begun, not saved" }).getByRole("link", { name: /^Visit/ }).click(WITHIN);
  await page.getByText("Goes on from what you typed", { exact: false }).waitFor();
  assert.match(await page.getByLabel("Note").inputValue(), /^Half a sente/);
  await page.getByLabel("Note").focus();
  await page.keyboard.press("End");
  await page.keyboard.type("ce");
  await save("Visit saved as action 6");
  await goTo("/");
  await page.getByRole("list", { name: "Recent" }).waitFor();
  assert.equal(await page.getByText("Begun, not saved").count(), 0);
  assert.deepEqual(opened.complaints, []);
});
