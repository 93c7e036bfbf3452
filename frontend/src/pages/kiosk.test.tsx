import { createEvent, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { memoryBridge } from "~/bridge/memory/memory";
import { fill, heading, open } from "~/testing/render";

const pins = { demo: "284736", manager: "905172" };

function kiosk(locked = false) {
  return memoryBridge({ signedIn: true, kiosk: true, pins, locked, offline: true });
}

/** Whether the page lets an event have its way. */
function passes(event: Event, at: Element = document.body): boolean {
  return fireEvent(at, event);
}

describe("a kiosk", () => {
  it("lets no key, drop, menu or print lead out of it", async () => {
    open("/", kiosk());
    await heading("Today");
    const key = (init: KeyboardEventInit) => new KeyboardEvent("keydown", { ...init, bubbles: true, cancelable: true });
    for (const init of [
      { key: "F12" },
      { key: "F11" },
      { key: "F5" },
      { key: "p", ctrlKey: true },
      { key: "w", ctrlKey: true },
      { key: "I", ctrlKey: true, shiftKey: true },
      { key: "+", ctrlKey: true },
      { key: "ArrowLeft", altKey: true },
      { key: "F4", altKey: true },
      { key: "o", metaKey: true },
    ]) {
      expect([init, passes(key(init))]).toEqual([init, false]);
    }
    for (const name of ["contextmenu", "dragover", "drop", "dragstart"]) {
      expect([name, passes(new Event(name, { bubbles: true, cancelable: true }))]).toEqual([name, false]);
    }
    expect(passes(new WheelEvent("wheel", { ctrlKey: true, bubbles: true, cancelable: true }))).toBe(false);
    expect(passes(key({ key: "Tab" }))).toBe(true);
  });

  it("follows no link but its own", async () => {
    open("/", kiosk());
    await heading("Today");
    const away = document.createElement("a");
    away.href = "https://example.com/";
    document.body.append(away);
    const click = createEvent.click(away);
    expect(fireEvent(away, click)).toBe(false);
    away.remove();
    fireEvent.click(screen.getByRole("link", { name: "Customers" }));
    await heading("Customers");
  });

  it("asks who is there, by name and PIN, and types figures with a finger", async () => {
    const { user } = open("/invoices", kiosk(true));
    await heading("Locked");
    await user.click(screen.getByRole("button", { name: "Demo U." }));
    const pad = within(await screen.findByRole("group", { name: "Keypad" }));
    for (const figure of "2847360") await user.click(pad.getByRole("button", { name: figure }));
    await user.click(pad.getByRole("button", { name: "Erase" }));
    expect(screen.getByLabelText("PIN of Demo U.")).toHaveValue("284736");
    await user.click(screen.getByRole("button", { name: "Unlock" }));
    await heading("Invoices");
  });

  it("has a keypad for amounts, with the mark of the language", async () => {
    const { user } = open("/payments/new?invoice=inv-002", kiosk());
    await user.click(await screen.findByLabelText("Amount received"));
    const pad = within(await screen.findByRole("group", { name: "Keypad" }));
    for (const figure of ["1", "2", ".", "5"]) await user.click(pad.getByRole("button", { name: figure }));
    expect(screen.getByLabelText("Amount received")).toHaveValue("12.5");
  });

  it("says at the door that the lockdown around it is not complete, and inside what is missing", async () => {
    const { user } = open("/diagnostics", kiosk(true));
    expect(await screen.findByText(/The lockdown around this kiosk is not complete/)).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Demo U." }));
    await user.type(screen.getByLabelText("PIN of Demo U."), "284736{Enter}");
    expect(await screen.findByText("Keys to text consoles: open (cage -s)")).toBeVisible();
  });

  it("ends by a manager's PIN and by no other", async () => {
    const bridge = kiosk(true);
    const { user } = open("/", bridge);
    await user.click(await screen.findByRole("button", { name: "End the kiosk" }));
    const dialog = within(await screen.findByRole("dialog", { name: "End the kiosk" }));
    await user.type(dialog.getByLabelText("Manager’s PIN"), "284736{Enter}");
    expect(await dialog.findByText("That is not right.")).toBeVisible();
    expect(bridge.core.door.gone).toBe(false);
    await user.type(dialog.getByLabelText("Manager’s PIN"), "905172");
    await user.click(dialog.getByRole("button", { name: "End the kiosk" }));
    expect(bridge.core.door.gone).toBe(true);
  });
});

describe("a limit of the company", () => {
  it("is passed once with a manager's PIN, without a network", async () => {
    const bridge = memoryBridge({ signedIn: true, offline: true, pins });
    bridge.core.caps = { usd: 20_000 };
    const { user } = open("/payments/new?invoice=inv-002", bridge);
    await fill(user, await screen.findByLabelText("Amount received"), "500");
    await user.click(await screen.findByRole("button", { name: "Ask a manager" }));
    const dialog = within(await screen.findByRole("dialog", { name: "Pass the limit" }));
    await user.type(dialog.getByLabelText("Manager’s PIN"), "905172{Enter}");
    await user.click(await screen.findByRole("button", { name: /Record payment|Save payment/ }));
    await waitFor(() => expect(bridge.core.journal.entries.map((e) => e.row.amount)).toEqual([50_000]));
    expect(bridge.core.door.approved).toBe(false);
  });
});
