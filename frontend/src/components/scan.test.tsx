import { act, fireEvent, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fill, heading, open } from "~/testing/render";

/** Keys at times of their own, as a scanner sends them or a hand does. */
function keys(list: string[], gap: number, at: Element = document.body) {
  list.forEach((key, i) => {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
    Object.defineProperty(event, "timeStamp", { value: 50_000 + gap * i });
    const went = fireEvent(at, event);
    if (went && key.length === 1 && at instanceof HTMLInputElement) fireEvent.input(at, { target: { value: at.value + key } });
  });
}

const scanned = (code: string) => [...code, "Enter"];

describe("a scan", () => {
  it("opens the invoice with the number, and starts no shortcut on the way", async () => {
    const { router } = open("/");
    await heading("Today");
    keys(scanned("INV-00002"), 8);
    await heading("INV-00002");
    expect(router.state.location.pathname).toBe("/invoices/inv-002");
  });

  it("opens the customer with the id", async () => {
    open("/outbox");
    await heading("Outbox");
    keys(scanned("acc-002"), 8);
    await heading("Globex Industries");
  });

  it("says so when nothing has the code, and stays", async () => {
    open("/");
    await heading("Today");
    keys(scanned("4006381333931"), 8);
    expect(await screen.findByText("Nothing here has the code 4006381333931")).toBeVisible();
    await heading("Today");
  });

  it("in a field leaves there what was typed before, and saves nothing", async () => {
    const { bridge, router, user } = open("/payments/new?invoice=inv-003");
    const amount = await screen.findByLabelText("Amount received");
    await fill(user, amount, "12");
    keys(scanned("INV-00002"), 8, amount);
    await heading("INV-00002");
    expect(bridge.core.journal.entries).toHaveLength(0);
    await act(() => router.navigate("/payments/new?invoice=inv-003"));
    expect(await screen.findByLabelText("Amount received")).toHaveValue("12");
  });

  it("stays in a field when it is no record's code", async () => {
    const { user } = open("/payments/new?invoice=inv-002");
    await user.click(await screen.findByText("Check"));
    const number = screen.getByLabelText("Check number");
    keys([..."00010442"], 8, number);
    expect(number).toHaveValue("00010442");
  });
});

describe("a shortcut", () => {
  beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: true }));
  afterEach(() => vi.useRealTimers());

  it("still works: a key that no other follows is let on", async () => {
    open("/");
    await heading("Today");
    keys(["p"], 0);
    await act(() => vi.advanceTimersByTimeAsync(100));
    await heading("Take payment");
  });
});
