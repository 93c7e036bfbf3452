import { screen, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { BridgeError } from "~/bridge/error";
import { fill, open, withInvoice } from "~/testing/render";
import { memoryBridge } from "~/bridge/memory/memory";

describe("a receipt", () => {
  it("is provisional after saving a payment offline, with its number, and prints", async () => {
    const print = vi.spyOn(window, "print").mockReturnValue(undefined);
    const { bridge, user } = open("/payments/new?invoice=inv-002", { offline: true });
    await fill(user, await screen.findByLabelText("Amount received"), "400");
    await fill(user, screen.getByLabelText(/Cash handed over/), "500");
    await user.click(screen.getByRole("button", { name: "Save payment" }));
    await user.click(await screen.findByRole("link", { name: "Show receipt" }));
    const paper = within(await screen.findByRole("article", { name: "Receipt, provisional" }));
    expect(paper.getByText(/not confirmed it yet/)).toBeVisible();
    expect(paper.getByText("9f3c21d8")).toBeVisible();
    expect(paper.getByText(/^400\.00/)).toBeVisible();
    expect(paper.getByText(/^100\.00/)).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Print" }));
    expect(print).toHaveBeenCalledOnce();
    await user.click(screen.getByRole("button", { name: "Save as PDF" }));
    expect(await screen.findByText("Saved as receipt-1.pdf")).toBeVisible();

    bridge.network(true);
    expect(await screen.findByRole("article", { name: "Receipt" })).toHaveTextContent("Confirmed by the office.");
  });

  it("of a refused invoice never reads as a good one", async () => {
    const bridge = memoryBridge({ signedIn: true });
    await withInvoice(bridge, "#gone");
    const id = bridge.core.journal.entries[0]?.row.id ?? "";
    open(`/outbox/${id}/receipt`, bridge);
    expect(await screen.findByRole("article", { name: "Invoice, refused by the office" })).toBeVisible();
  });

  it("says why the PDF cannot be made", async () => {
    const bridge = memoryBridge({ signedIn: true, offline: true });
    await withInvoice(bridge);
    const { user } = open(`/outbox/${bridge.core.journal.entries[0]?.row.id}/receipt`, bridge);
    bridge.refuse("saveReceipt", new BridgeError({ code: "storage_failed", message: "" }));
    await user.click(await screen.findByRole("button", { name: "Save as PDF" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("Not saved");
  });
});
