import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { memoryBridge } from "~/bridge/memory/memory";
import { open } from "~/testing/render";

/** A change of mine that the office came before. */
async function contested() {
  const bridge = memoryBridge({ signedIn: true, offline: true });
  const change = { actionId: "", invoiceId: "inv-002", description: "Mine", notes: "#conflict", dueDate: "2027-01-31", contactId: "", replaces: "" };
  const { actionId } = await bridge.updateInvoice({ ...change, changed: ["description", "dueDate", "notes"] });
  bridge.core.server.change("inv-002", { description: "Theirs" });
  bridge.network(true);
  await waitFor(() => expect(bridge.core.entry(actionId).row.state).toBe("review"));
  return { ...open(`/outbox/${actionId}`, bridge), actionId };
}

const panel = async () => within(await screen.findByRole("region", { name: "Compare both" }));

describe("a conflict", () => {
  it("sets mine beside Salesforce's, field by field, with theirs as the safe choice", async () => {
    await contested();
    const row = within((await panel()).getByRole("row", { name: /^Description/ }));
    expect(row.getByText("Mine", { selector: "td" })).toBeVisible();
    expect(row.getByText("Theirs")).toBeVisible();
    expect(row.getByRole("radio", { name: "Salesforce" })).toBeChecked();
    expect((await panel()).getByText("Not known here")).toBeVisible();
  });

  it("takes theirs by giving mine up, with the reason in the history", async () => {
    const { bridge, user, actionId } = await contested();
    await user.click((await panel()).getByRole("button", { name: "Take what Salesforce has" }));
    await waitFor(() => expect(bridge.core.entry(actionId).row).toMatchObject({ state: "discarded", reason: "Took what Salesforce has" }));
  });

  it("keeps a field of mine and leaves the others as they are there", async () => {
    const { bridge, user, actionId } = await contested();
    const row = within((await panel()).getByRole("row", { name: /^Description/ }));
    await user.click(row.getByRole("radio", { name: "Mine" }));
    await user.click((await panel()).getByRole("button", { name: "Keep 1 field of mine" }));
    await waitFor(() => expect(bridge.core.entry(actionId).row.state).toBe("superseded"));
    expect(bridge.core.journal.entries.at(-1)?.payload).toMatchObject({ changed: ["description"], description: "Mine" });
    await waitFor(() => expect(bridge.core.server.invoices.find((i) => i.id === "inv-002")?.description).toBe("Mine"));
  });

  it("can be edited, from what was typed", async () => {
    const { user } = await contested();
    await user.click(await screen.findByRole("link", { name: "Fix it" }));
    expect(await screen.findByRole("textbox", { name: "Description" })).toHaveValue("Mine");
  });
});
