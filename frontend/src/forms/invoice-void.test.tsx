import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { BridgeError } from "~/bridge/error";
import { fill, heading, open } from "~/testing/render";

describe("the form that voids an invoice", () => {
  it("keeps the wish while offline; the invoice is what the office says until it is sent", async () => {
    const { bridge, user } = open("/invoices/inv-003/void", { offline: true });
    await fill(user, await screen.findByLabelText("Why"), "Written twice");
    await user.click(screen.getByRole("button", { name: "Void invoice" }));
    await screen.findByText("Void saved as action 1");
    await heading("INV-00003");
    expect(bridge.core.server.invoices.find((i) => i.id === "inv-003")?.status).toBe("draft");
    bridge.network(true);
    await waitFor(() => expect(bridge.core.journal.entries[0]?.row.state).toBe("applied"));
  });

  it("warns where money was received, which the office decides about", async () => {
    const { bridge, user } = open("/invoices/inv-001/void");
    expect(await screen.findByText(/Money was received on this invoice/)).toBeVisible();
    await fill(user, await screen.findByLabelText("Why"), "Wrong customer");
    await user.click(screen.getByRole("button", { name: "Void invoice" }));
    await waitFor(() => expect(bridge.core.journal.entries[0]?.row).toMatchObject({ state: "review", code: "money_received" }));
  });

  it("asks why, and shows a refusal of the core", async () => {
    const { bridge, user } = open("/invoices/inv-003/void");
    bridge.refuse("voidInvoice", new BridgeError({ code: "storage_failed", message: "" }));
    await screen.findByLabelText("Why");
    await user.click(screen.getByRole("button", { name: "Void invoice" }));
    expect(await screen.findByText("1 field needs another look")).toBeVisible();
    await fill(user, screen.getByLabelText("Why"), "x");
    await user.click(screen.getByRole("button", { name: "Void invoice" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("Not saved");
    expect(screen.getByLabelText("Why")).toHaveValue("x");
  });

  it("is filled in and saved without a mouse", async () => {
    const { bridge, user } = open("/invoices/inv-003/void", { offline: true });
    expect(await screen.findByLabelText("Why")).toHaveFocus();
    await user.keyboard("Written twice{Control>}{Enter}{/Control}");
    await screen.findByText("Void saved as action 1");
    expect(bridge.core.journal.entries[0]?.payload).toEqual({ invoiceId: "inv-003", reason: "Written twice" });
  });
});
