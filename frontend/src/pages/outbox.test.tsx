import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { BridgeError } from "~/bridge/error";
import { memoryBridge } from "~/bridge/memory/memory";
import { fill, heading, open, withInvoice } from "~/testing/render";

const cash = { amount: "50", method: "cash", tendered: "", checkNumber: "", reference: "", note: "", locale: "en-US", replaces: "", actionId: "" };

/** A lane in trouble: its invoice meets that fate, and two payments wait behind it. */
async function lane(word: string) {
  const bridge = memoryBridge({ signedIn: true });
  bridge.network(false);
  const invoiceId = await withInvoice(bridge, word);
  await bridge.savePayment({ ...cash, invoiceId });
  await bridge.savePayment({ ...cash, invoiceId, amount: "25" });
  bridge.network(true);
  return bridge;
}

describe("the outbox", () => {
  it("draws the cause on top, what waits under it, and the act that frees both", async () => {
    const bridge = await lane("#gone");
    const { user } = open("/outbox", bridge);
    const drawn = within(await screen.findByRole("region", { name: "Stark Energy" }));
    const lines = drawn.getAllByRole("article");
    expect(lines.map((l) => l.getAttribute("aria-label"))).toEqual([
      "New invoice, Stark Energy, Turbine inspection",
      "Payment received, Stark Energy, Cash, Turbine inspection",
      "Payment received, Stark Energy, Cash, Turbine inspection",
    ]);
    expect(lines[0]).toHaveTextContent("Refused");
    expect(lines[0]).toHaveTextContent("The customer no longer exists in Salesforce. Choose another.");
    expect(drawn.getByText("2 wait behind it")).toBeVisible();

    await user.click(drawn.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("Everything is sent")).toBeVisible();
    expect(bridge.core.journal.entries.map((e) => e.row.state)).toEqual(["applied", "applied", "applied"]);
  });

  it("leads from a refusal to the form as it was, and what replaces it frees the lane", async () => {
    const bridge = await lane("#gone");
    const { user } = open("/outbox", bridge);
    await user.click(await screen.findByRole("link", { name: "Fix it and 2 more go" }));
    expect(await screen.findByLabelText("Line 1 Description")).toHaveValue("Inspection");
    expect(screen.getByLabelText("Line 1 Unit price")).toHaveValue("100.00");
    await fill(user, screen.getByLabelText(/^Notes/), "mended");
    await user.click(screen.getByRole("button", { name: "Save invoice" }));
    await heading("INV-00004");
    expect(bridge.core.journal.entries.map((e) => e.row.state)).toEqual(["superseded", "applied", "applied", "applied"]);
  });

  it("lets what was never sent be edited", async () => {
    const bridge = memoryBridge({ signedIn: true, offline: true });
    await bridge.savePayment({ ...cash, invoiceId: "inv-002", method: "check", checkNumber: "7" });
    const { user } = open(`/outbox/${bridge.core.journal.entries[0]?.row.id ?? ""}`, bridge);
    await user.click(await screen.findByRole("link", { name: "Edit" }));
    expect(await screen.findByLabelText("Check number")).toHaveValue("7");
    await fill(user, screen.getByLabelText("Amount received"), "60");
    await user.click(screen.getByRole("button", { name: "Save payment" }));
    await screen.findByText("Payment saved as action 2");
    expect((await bridge.status()).unsent).toMatchObject({ count: 1, payments: [{ amount: 6_000, currency: "usd" }] });
  });

  it("shows a conflict as something for a person", async () => {
    open("/outbox?show=needs", await lane("#conflict"));
    expect(await screen.findByText("The invoice was changed in Salesforce in the meantime. Compare both.")).toBeVisible();
    expect(screen.getByText("1 needs you")).toBeVisible();
  });

  it("offers no edit of what is booked", async () => {
    const bridge = memoryBridge({ signedIn: true });
    await bridge.savePayment({ ...cash, invoiceId: "inv-002", amount: "9999999" });
    open("/outbox", bridge);
    expect(await screen.findByRole("button", { name: "Discard" })).toBeVisible();
    expect(screen.queryByRole("link", { name: /Fix it/ })).not.toBeInTheDocument();
  });

  it("does not call a person for what goes on by itself", async () => {
    open("/outbox", await lane("#busy"));
    expect(await screen.findByText(/Salesforce cannot be reached. It goes on by itself. Next try/)).toBeVisible();
    expect(screen.queryByText(/needs you/)).not.toBeInTheDocument();
  });

  it("discards only with a reason, and keeps the reason", async () => {
    const bridge = await lane("#gone");
    const { user } = open("/outbox", bridge);
    await user.click(await screen.findByRole("button", { name: "Discard" }));
    const dialog = within(await screen.findByRole("dialog"));
    await user.click(dialog.getByRole("button", { name: "Discard" }));
    expect(dialog.getByLabelText("Reason")).toHaveAccessibleDescription("Enter a reason; the office reads it.");
    await user.type(dialog.getByLabelText("Reason"), "duplicate");
    await user.click(dialog.getByRole("button", { name: "Discard" }));
    await screen.findByRole("button", { name: "Sync now" });
    expect(bridge.core.journal.entries[0]?.row).toMatchObject({ state: "discarded", reason: "duplicate" });
  });

  it("says why it cannot sync now", async () => {
    const bridge = memoryBridge({ signedIn: true });
    bridge.refuse("syncNow", new BridgeError({ code: "sign_in_needed", message: "" }));
    const { user } = open("/outbox", bridge);
    await user.click(await screen.findByRole("button", { name: "Sync now" }));
    expect(await screen.findByText("Sign in to go on sending.")).toBeVisible();
  });
});

describe("an action", () => {
  it("tells its state, its reason, its way here, and its receipt", async () => {
    const bridge = await lane("#gone");
    const id = bridge.core.journal.entries[0]?.row.id ?? "";
    const { user } = open(`/outbox/${id}`, bridge);
    await heading("New invoice");
    const timeline = within(screen.getByRole("region", { name: "Timeline" }));
    expect(timeline.getAllByRole("listitem").map((i) => i.textContent)).toEqual([
      expect.stringContaining("Refused"),
      expect.stringContaining("Sending"),
      expect.stringContaining("Saved"),
    ]);
    expect(within(screen.getByRole("region", { name: "Receipt" })).getByText("Number on this device")).toBeVisible();
    await user.click(await screen.findByRole("button", { name: "Try again" }));
    expect(await screen.findByText(/In Salesforce as INV-00004/)).toBeVisible();
  });

  it("that waits leads to what it waits for", async () => {
    const bridge = await lane("#gone");
    const { user } = open(`/outbox/${bridge.core.journal.entries[1]?.row.id ?? ""}`, bridge);
    await user.click(await screen.findByRole("link", { name: "Show what it waits for" }));
    await heading("New invoice");
  });

  it("that is not there is said", async () => {
    open("/outbox/nothing");
    expect(await screen.findByRole("alert")).toHaveTextContent("There is nothing of that name.");
  });
});
