import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { BridgeError } from "~/bridge/error";
import { fill, heading, open } from "~/testing/render";

describe("the form that changes an invoice", () => {
  it("keeps the change while offline and names only what changed", async () => {
    const { bridge, user } = open("/invoices/inv-002/edit", { offline: true });
    await fill(user, await screen.findByLabelText("Description"), "Integration, phase 2");
    await user.click(screen.getByRole("button", { name: "Save change" }));
    expect(await screen.findByText("Change saved as action 1")).toBeVisible();
    await heading("INV-00002");
    expect(bridge.core.journal.entries[0]?.payload["changed"]).toEqual(["description"]);
  });

  it("says that nothing changed", async () => {
    const { bridge, user } = open("/invoices/inv-002/edit");
    await user.click(await screen.findByRole("button", { name: "Save change" }));
    expect(await screen.findByText("1 field needs another look")).toBeVisible();
    expect(screen.getByLabelText("Description")).toHaveAccessibleDescription("Change at least one field.");
    expect(bridge.core.journal.entries).toHaveLength(0);
  });

  it("shows a refusal of the core", async () => {
    const { bridge, user } = open("/invoices/inv-002/edit");
    bridge.refuse("updateInvoice", new BridgeError({ code: "journal_damaged", message: "" }));
    await fill(user, await screen.findByLabelText("Description"), "Other");
    await user.click(screen.getByRole("button", { name: "Save change" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("The journal on this device is damaged.");
  });

  it("is filled in and saved without a mouse", async () => {
    const { bridge, user } = open("/invoices/inv-002/edit");
    expect(await screen.findByLabelText("Description")).toHaveFocus();
    await user.keyboard(", revised{Control>}{Enter}{/Control}");
    await heading("INV-00002");
    expect(bridge.core.journal.entries[0]?.payload["description"]).toBe("Manufacturing Integration Setup, revised");
  });
});
