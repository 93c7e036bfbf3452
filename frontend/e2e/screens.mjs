// Every screen of the in-memory build: its address, and what is seen when it is ready.

const heading = (name) => (page) => page.getByRole("heading", { level: 1, name }).waitFor();

async function fillInvoice(page) {
  await heading("New invoice")(page);
  await page.getByRole("combobox", { name: "Customer" }).fill("acme");
  await page.getByRole("option", { name: "Acme Corporation" }).click();
  const lines = [
    ["Service visit", "3", "180.00", "", "8.25"],
    ["Valve kit", "1", "412.50", "12.50", "8.25"],
    ["Travel, flat", "1", "60.00", "", ""],
  ];
  for (const [i, line] of lines.entries()) {
    if (i > 0) await page.getByRole("button", { name: "Add line" }).click();
    for (const [field, text] of ["Description", "Quantity", "Unit price", "Discount", "Tax %"].map((f, j) => [f, line[j]])) {
      await page.getByLabel(`Line ${i + 1} ${field}`, { exact: true }).fill(text);
    }
  }
  await page.getByRole("button", { name: "30 days" }).click();
  await page.getByRole("complementary").getByText("1,077.55").first().waitFor();
}

async function emptyInvoice(page) {
  await heading("New invoice")(page);
  await page.getByRole("button", { name: "Save invoice" }).click();
  await page.getByText(/need another look|needs another look/).waitFor();
}

async function fillPayment(page) {
  await heading("Take payment")(page);
  await page.getByLabel("Amount received").fill("900");
  await page.getByLabel(/Cash handed over/).fill("1000");
  await page.getByText("Change to give back", { exact: true }).waitFor();
}

async function overpay(page) {
  await heading("Take payment")(page);
  await page.getByLabel("Amount received").fill("9000");
  await page.getByText("This is more than is open", { exact: false }).waitFor();
}

async function requestPayment(page) {
  await heading("Request payment")(page);
  await page.getByLabel("Amount to request").fill("500");
  await page.getByRole("complementary").getByText("Open once paid").waitFor();
}

async function onlineWithout(page) {
  await heading("Request payment")(page);
  await page.getByText("Card online, now", { exact: true }).click();
  await page.getByText("Paying a card online needs a connection", { exact: false }).waitFor();
}

async function beginCheckout(page) {
  await heading("Request payment")(page);
  await page.getByLabel("Amount to request").fill("1750");
  await page.getByText("Card online, now", { exact: true }).click();
  await page.getByRole("button", { name: "Open the page to pay" }).click();
  await page.getByText("Not paid yet", { exact: false }).waitFor();
}

async function openReceipt(page) {
  await heading("Take payment")(page);
  await page.getByLabel("Amount received").fill("900");
  await page.getByLabel(/Cash handed over/).fill("1000");
  await page.keyboard.press("Control+Enter");
  await page.getByRole("link", { name: "Show receipt" }).click();
  await page.getByRole("article", { name: "Receipt, provisional" }).waitFor();
}

async function openConflict(page) {
  await heading("Change invoice")(page);
  await page.getByRole("textbox", { name: "Description" }).fill("Integration, phase 2");
  await page.getByLabel("Notes").fill("#conflict");
  await page.keyboard.press("Control+Enter");
  await page.getByRole("link", { name: "Show it" }).click();
  await page.getByRole("region", { name: "Compare both" }).waitFor();
}

async function openRefused(page) {
  await heading("Outbox")(page);
  await page.getByRole("link", { name: /New invoice.*Stark/ }).click();
  await page.getByRole("heading", { name: "Timeline" }).waitFor();
}

async function discard(page) {
  await heading("Outbox")(page);
  await page.getByRole("button", { name: "Discard" }).first().click();
  await page.getByRole("dialog").getByLabel("Reason").waitFor();
}

async function openPalette(page) {
  await heading("Today")(page);
  await page.keyboard.press("Control+k");
  await page.getByRole("textbox", { name: /^Type a customer/ }).fill("g");
  await page.getByRole("button", { name: /Globex/ }).first().waitFor();
}

async function openShortcuts(page) {
  await heading("Today")(page);
  await page.keyboard.press("Shift+?");
  await page.getByRole("dialog", { name: "Shortcuts" }).waitFor();
}

async function setPin(page) {
  await heading("Set a PIN")(page);
  await page.getByLabel("New PIN", { exact: true }).fill("123456");
  await page.getByLabel("New PIN again").fill("123457");
  await page.getByRole("button", { name: "Set PIN" }).click();
  await page.getByText("The two are not the same.").waitFor();
}

async function chooseAtKiosk(page) {
  await heading("Locked")(page);
  await page.getByRole("button", { name: "Demo U." }).click();
  await page.getByRole("group", { name: "Keypad" }).waitFor();
}

async function leaveKiosk(page) {
  await heading("Locked")(page);
  await page.getByRole("button", { name: "End the kiosk" }).click();
  await page.getByRole("dialog").getByLabel("Manager’s PIN").waitFor();
}

async function payAtKiosk(page) {
  await heading("Take payment")(page);
  await page.getByLabel("Amount received").click();
  for (const figure of "900") await page.getByRole("group", { name: "Keypad" }).getByRole("button", { name: figure, exact: true }).click();
  await page.getByRole("complementary").getByText("900.00").first().waitFor();
}

/** The screen as a kiosk shows it. */
export function atKiosk(address) {
  const [query, hash] = address.split("#");
  return `${query === "" ? "?kiosk" : `${query}&kiosk`}#${hash}`;
}

/** Screens that only a kiosk has. */
export const kioskScreens = [
  { name: "kiosk-locked", address: "?kiosk&locked#/", ready: heading("Locked") },
  { name: "kiosk-pin", address: "?kiosk&locked#/", steps: true, ready: chooseAtKiosk },
  { name: "kiosk-leave", address: "?kiosk&locked#/", steps: true, ready: leaveKiosk },
  { name: "kiosk-payment", address: "?kiosk#/payments/new?invoice=inv-002", steps: true, ready: payAtKiosk },
];

export const screens = [
  { name: "locked", address: "?locked#/", ready: heading("Locked") },
  { name: "pin-set", address: "?pin#/", steps: true, laptopOnly: true, ready: setPin },
  { name: "sign-in", address: "?twin=fresh&door#/", ready: heading("Sign in") },
  { name: "today", address: "#/", ready: (p) => p.getByRole("list", { name: "Recent" }).waitFor() },
  { name: "today-empty", address: "?twin=fresh#/", ready: (p) => p.getByText("Begin with one").waitFor() },
  { name: "customers", address: "#/customers", ready: (p) => p.getByRole("link", { name: "Wayne Financial" }).waitFor() },
  { name: "customers-empty", address: "?twin=empty#/customers", ready: (p) => p.getByText("No customers on").waitFor() },
  { name: "customer", address: "#/customers/acc-002", ready: heading("Globex Industries") },
  { name: "invoices", address: "#/invoices", ready: (p) => p.getByRole("link", { name: /INV-00001/ }).waitFor() },
  { name: "invoice", address: "#/invoices/inv-002", ready: heading("INV-00002") },
  { name: "invoice-new", address: "#/invoices/new", steps: true, ready: fillInvoice },
  { name: "invoice-new-errors", address: "#/invoices/new", steps: true, ready: emptyInvoice },
  { name: "invoice-edit", address: "#/invoices/inv-002/edit", ready: heading("Change invoice") },
  { name: "payment-new", address: "#/payments/new?invoice=inv-002", steps: true, ready: fillPayment },
  { name: "payment-over", address: "#/payments/new?invoice=inv-002", steps: true, ready: overpay },
  { name: "payment-collect", address: "#/payments/collect?invoice=inv-002", steps: true, ready: requestPayment },
  { name: "payment-online-offline", address: "#/payments/collect?invoice=inv-002", steps: true, ready: onlineWithout },
  { name: "checkout", address: "?twin=online#/payments/collect?invoice=inv-002", steps: true, ready: beginCheckout },
  { name: "receipt", address: "#/payments/new?invoice=inv-002", steps: true, ready: openReceipt },
  { name: "invoice-void", address: "#/invoices/inv-002/void", ready: heading("Void invoice") },
  { name: "contact-new", address: "#/contacts/new?customer=acc-004", ready: heading("New contact") },
  { name: "visits", address: "#/visits", ready: heading("Visits") },
  { name: "visit-new", address: "#/visits/new?customer=acc-004", ready: heading("Log visit") },
  { name: "conflict", address: "?twin=online#/invoices/inv-002/edit", steps: true, ready: openConflict },
  { name: "outbox", address: "#/outbox", ready: (p) => p.getByText("waits behind it", { exact: false }).waitFor() },
  { name: "outbox-discard", address: "#/outbox", steps: true, ready: discard },
  { name: "action", address: "#/outbox", steps: true, ready: openRefused },
  { name: "outbox-all", address: "#/outbox?show=all", ready: heading("Outbox") },
  { name: "palette", address: "#/", steps: true, ready: openPalette },
  { name: "shortcuts", address: "#/", steps: true, ready: openShortcuts },
  { name: "diagnostics", address: "#/diagnostics", ready: (p) => p.getByRole("heading", { name: "Network" }).waitFor() },
  { name: "reasons", address: "#/reasons", ready: heading("Reasons") },
  { name: "shift", address: "#/shift", ready: (p) => p.getByRole("button", { name: "Open the shift" }).waitFor() },
  { name: "settings", address: "#/settings", ready: heading("Settings") },
];
