import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { memoryBridge } from "~/bridge/memory/memory";
import { fill, heading, open, withInvoice } from "~/testing/render";

const pins = { demo: "284736", manager: "905172" };

async function lockedWithWork() {
  const bridge = memoryBridge({ signedIn: true, offline: true, pins });
  await withInvoice(bridge);
  await bridge.lock();
  return bridge;
}

describe("the locked screen", () => {
  it("shows nothing of customers, money or the person's address", async () => {
    open("/invoices", await lockedWithWork());
    await heading("Locked");
    expect(await screen.findByText("1 unsent action is kept on this device.")).toBeVisible();
    expect(document.body.textContent).not.toMatch(/Stark|Turbine|100|demo@|Acme/);
    expect(screen.queryByRole("navigation")).not.toBeInTheDocument();
  });

  it("opens by the PIN with the keyboard alone, without a network, where one was", async () => {
    const { user } = open("/invoices", await lockedWithWork());
    expect(await screen.findByLabelText("PIN of Demo U.")).toHaveFocus();
    await user.keyboard("284736{Enter}");
    await heading("Invoices");
  });

  it("keeps wrong PINs waiting, tells how long, and loses nothing", async () => {
    const bridge = await lockedWithWork();
    const { user } = open("/", bridge);
    for (let i = 0; i < 3; i++) {
      await fill(user, await screen.findByLabelText("PIN of Demo U."), "111222");
      await user.keyboard("{Enter}");
      await waitFor(() => expect(screen.getByLabelText("PIN of Demo U.")).toHaveValue(""));
    }
    expect(await screen.findByText(/The next try is in \d seconds?/)).toBeVisible();
    expect(bridge.core.journal.entries).toHaveLength(1);
  });

  it("lets a colleague in, whose actions are theirs", async () => {
    const bridge = await lockedWithWork();
    const { user } = open("/", bridge);
    await user.click(await screen.findByRole("button", { name: "Alex K." }));
    await user.type(screen.getByLabelText("PIN of Alex K."), "905172{Enter}");
    expect(await screen.findByRole("button", { name: "Alex Kim" })).toBeVisible();
    await withInvoice(bridge);
    expect(bridge.core.journal.entries.map((e) => e.row.actor)).toEqual(["Demo User", "Alex Kim"]);
  });

  it("opens by a password, too, for whoever forgot the PIN", async () => {
    const bridge = await lockedWithWork();
    bridge.network(true);
    const { user } = open("/settings", bridge);
    await user.click(await screen.findByRole("button", { name: "Sign in with a password instead" }));
    await fill(user, screen.getByLabelText("Email"), "demo@fieldpay.com");
    await fill(user, screen.getByLabelText("Password"), "demo123");
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    await heading("Settings");
    expect(screen.queryByLabelText("PIN before")).not.toBeInTheDocument();
  });

  it("opens for the badge that is scanned", async () => {
    const bridge = await lockedWithWork();
    const member = bridge.core.door.member("usr-002");
    if (member) member.badge = "FP-BADGE-0017";
    open("/", bridge);
    await screen.findByLabelText("PIN of Demo U.");
    scan("FP-BADGE-0017", screen.getByLabelText("PIN of Demo U."));
    expect(await screen.findByRole("button", { name: "Alex Kim" })).toBeVisible();
  });
});

/** The keys of a scanner: one every 5 ms, then Enter. */
function scan(code: string, at: Element) {
  [...code, "Enter"].forEach((key, i) => {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
    Object.defineProperty(event, "timeStamp", { value: 10_000 + 5 * i });
    fireEvent(at, event);
  });
}

describe("locking", () => {
  it("is in the person's menu and under a shortcut, once there is a PIN", async () => {
    const { user } = open("/", { pins: { demo: "284736" } });
    await user.click(await screen.findByRole("button", { name: "Demo User" }));
    await user.click(await screen.findByRole("menuitem", { name: "Lock or change person" }));
    await heading("Locked");
    await user.type(screen.getByLabelText("PIN of Demo U."), "284736{Enter}");
    await heading("Today");
    await user.keyboard("{Control>}{Shift>}L{/Shift}{/Control}");
    await heading("Locked");
  });

  it("is not offered without one", async () => {
    const { user } = open("/");
    await user.click(await screen.findByRole("button", { name: "Demo User" }));
    expect(await screen.findByRole("menuitem", { name: "Sign out" })).toBeVisible();
    expect(screen.queryByRole("menuitem", { name: "Lock or change person" })).not.toBeInTheDocument();
  });
});

describe("a screen that nobody touches", () => {
  afterEach(() => vi.useRealTimers());

  it("tells that it will lock, goes on when it is touched, and locks when it is not", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const bridge = memoryBridge({ signedIn: true, pins });
    open("/", bridge);
    await heading("Today");
    await act(() => vi.advanceTimersByTimeAsync(14.9 * 60_000));
    expect(await screen.findByText(/It locks in \d seconds?\./)).toBeVisible();
    fireEvent.pointerDown(document.body);
    expect(screen.queryByText(/It locks in/)).not.toBeInTheDocument();
    await act(() => vi.advanceTimersByTimeAsync(14 * 60_000));
    expect(bridge.core.door.locked).toBe(false);
    await act(() => vi.advanceTimersByTimeAsync(2 * 60_000));
    expect(bridge.core.door.locked).toBe(true);
    await heading("Locked");
  });
});

describe("a PIN", () => {
  it("is set before anything else where it is required", async () => {
    const { user } = open("/invoices", { signedIn: true, pinRequired: true });
    await heading("Set a PIN");
    expect(screen.queryByRole("navigation")).not.toBeInTheDocument();
    await user.type(screen.getByLabelText("New PIN"), "123456");
    await user.type(screen.getByLabelText("New PIN again"), "123456{Enter}");
    expect(await screen.findByText("Too easy to guess. Choose another.")).toBeVisible();
    await fill(user, screen.getByLabelText("New PIN"), "739104");
    await fill(user, screen.getByLabelText("New PIN again"), "739104");
    await user.click(screen.getByRole("button", { name: "Set PIN" }));
    await heading("Invoices");
  });

  it("is changed in the settings with the one before", async () => {
    const bridge = memoryBridge({ signedIn: true, pins });
    const { user } = open("/settings", bridge);
    const form = within(await screen.findByRole("form", { name: "Set a PIN" }));
    await fill(user, form.getByLabelText("PIN before"), "284736");
    await fill(user, form.getByLabelText("New PIN"), "739104");
    await fill(user, form.getByLabelText("New PIN again"), "739105");
    await user.click(form.getByRole("button", { name: "Set PIN" }));
    expect(form.getByText("The two are not the same.")).toBeVisible();
    await fill(user, form.getByLabelText("New PIN again"), "739104");
    await user.click(form.getByRole("button", { name: "Set PIN" }));
    expect(await screen.findByText("The PIN is set")).toBeVisible();
    expect(bridge.core.door.member("usr-001")?.pin).toBe("739104");
  });
});
