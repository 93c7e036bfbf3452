import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { Bridge } from "~/bridge/bridge";
import { BridgeError } from "~/bridge/error";
import { memoryBridge } from "~/bridge/memory/memory";
import { fill, heading, open } from "~/testing/render";

const pages: { address: string; asks: keyof Bridge; empty: string }[] = [
  { address: "/", asks: "outbox", empty: "Nothing done on this device yet" },
  { address: "/customers", asks: "accounts", empty: "No customers on this device yet" },
  { address: "/invoices", asks: "invoices", empty: "No invoices yet" },
  { address: "/visits", asks: "outbox", empty: "No visits noted on this device" },
  { address: "/outbox", asks: "outbox", empty: "Everything is sent" },
];

describe.each(pages)("the list at $address", ({ address, asks, empty }) => {
  it("says what to do when it is empty", async () => {
    open(address, { empty: true });
    expect(await screen.findByText(empty)).toBeVisible();
  });

  it("says that it loads", async () => {
    const bridge = memoryBridge({ signedIn: true });
    bridge.hang(asks);
    open(address, bridge);
    expect((await screen.findAllByRole("status", { name: "Loading" })).length).toBeGreaterThan(0);
  });

  it("says what went wrong and tries again when asked", async () => {
    const bridge = memoryBridge({ signedIn: true, empty: true });
    bridge.refuse(asks, new BridgeError({ code: "key_missing", message: "" }));
    // Today asks twice: what needs a person, and what was done.
    if (address === "/") bridge.refuse("status", new BridgeError({ code: "internal", message: "" }));
    const { user } = open(address, bridge);
    const again = await screen.findAllByRole("button", { name: "Try again" });
    expect(screen.getAllByRole("alert").length).toBeGreaterThan(0);
    for (const button of again) await user.click(button);
    expect(await screen.findByText(empty)).toBeVisible();
  });
});

describe("customers", () => {
  it("are searched without a network, and the search stands in the address", async () => {
    const { router, user } = open("/customers", { offline: true });
    await fill(user, await screen.findByRole("searchbox", { name: "Search customers" }), "glob");
    const table = await screen.findByRole("table", { name: "Customers" });
    expect(await within(table).findByRole("link", { name: "Globex Industries" })).toBeVisible();
    expect(within(table).getAllByRole("row")).toHaveLength(2);
    expect(router.state.location.search).toBe("?q=glob");
  });

  it("are walked with the arrow keys and opened with Enter", async () => {
    const { user } = open("/customers");
    (await screen.findByRole("link", { name: "Acme Corporation" })).focus();
    await user.keyboard("{ArrowDown}");
    expect(screen.getByRole("link", { name: "Globex Industries" })).toHaveFocus();
    await user.keyboard("{Enter}");
    await heading("Globex Industries");
    expect(await screen.findByText("Carol Johnson")).toBeVisible();
  });
});

describe("invoices", () => {
  it("show Salesforce's word and this device's word in two columns", async () => {
    const bridge = memoryBridge({ signedIn: true, offline: true });
    await bridge.savePayment({ invoiceId: "inv-003", amount: "500", method: "cash", tendered: "", checkNumber: "", reference: "", note: "", locale: "en-US", replaces: "", actionId: "" });
    open("/invoices", bridge);
    const row = (await screen.findByRole("link", { name: /INV-00003/ })).closest("tr");
    const cells = row ? within(row).getAllByRole("cell").map((c) => c.textContent) : [];
    // The whole amount is in hand, and still nothing says "paid".
    expect(cells).toEqual(["Initech Solutions", "–", "Draft", "Saved", "500.00\u00a0USD", "500.00\u00a0USD500.00\u00a0USD received here"]);
  });
});
