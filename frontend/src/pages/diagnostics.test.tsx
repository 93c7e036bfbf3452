import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { fill, open, withInvoice } from "~/testing/render";
import { memoryBridge } from "~/bridge/memory/memory";

describe("diagnostics", () => {
  it("shows the last three days of the connection, to see and to read", async () => {
    open("/diagnostics", { offline: true });
    const strip = await screen.findByRole("img", { name: /Online: .*Offline: .*/ });
    expect(strip.children.length).toBeGreaterThan(5);
    expect(screen.getByText("Every change")).toBeVisible();
  });

  it("finds events by any words of them", async () => {
    const bridge = memoryBridge({ signedIn: true, offline: true });
    await withInvoice(bridge);
    const { user } = open("/diagnostics", bridge);
    const search = await screen.findByRole("searchbox", { name: "Search events" });
    await fill(user, search, "queue_action_added create_invoice");
    expect(within(screen.getByRole("list", { name: "Recent events" })).getAllByRole("listitem")).toHaveLength(1);
    await fill(user, search, "zebra");
    expect(screen.getByText("Nothing found for “zebra”")).toBeVisible();
  });

  it("lets what support gets be looked through before it is saved", async () => {
    const bridge = memoryBridge({ signedIn: true, offline: true });
    await withInvoice(bridge);
    const { user } = open("/diagnostics", bridge);
    await user.click(await screen.findByRole("button", { name: "Look through it" }));
    await user.click(await screen.findByText("journal.json"));
    expect(screen.getByText(/"state": "pending"/)).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Save it" }));
    expect(await screen.findByText("Saved as /home/rep/Downloads/fieldpay-support.zip")).toBeVisible();
  });
});
