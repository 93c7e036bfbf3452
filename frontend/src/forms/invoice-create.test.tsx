import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { BridgeError } from "~/bridge/error";
import { fill, heading, open } from "~/testing/render";

async function chooseCustomer(user: ReturnType<typeof open>["user"], name: string) {
  await fill(user, await screen.findByRole("combobox", { name: "Customer" }), name);
  await user.click(await screen.findByRole("option", { name: new RegExp(name, "i") }));
}

describe("the form of a new invoice", () => {
  it("keeps the invoice while offline and says where it is", async () => {
    const { bridge, user } = open("/invoices/new", { offline: true });
    await chooseCustomer(user, "Acme");
    await fill(user, screen.getByLabelText("Line 1 Description"), "Service visit");
    await fill(user, screen.getByLabelText("Line 1 Unit price"), "180.00");
    await user.click(screen.getByRole("button", { name: "Save invoice" }));

    expect(await screen.findByText("Invoice saved as action 1")).toBeVisible();
    expect(screen.getByRole("link", { name: "Show receipt" })).toHaveAttribute("href", expect.stringContaining("/outbox/"));
    expect(bridge.core.journal.entries.map((e) => [e.row.state, e.row.amount])).toEqual([["pending", 18_000]]);
    expect((await screen.findAllByText("Saved")).length).toBeGreaterThan(0);
    expect(screen.queryByText("Done")).not.toBeInTheDocument();
  });

  it("shows a refusal of the core at its field and saves nothing", async () => {
    const { bridge, user } = open("/invoices/new?customer=acc-001");
    bridge.refuse(
      "saveInvoice",
      new BridgeError({ code: "invalid_payload", message: "", fields: { "lines[0].description": "is too large" } }),
    );
    await fill(user, await screen.findByLabelText("Line 1 Description"), "Service visit");
    await fill(user, screen.getByLabelText("Line 1 Unit price"), "180.00");
    await user.click(screen.getByRole("button", { name: "Save invoice" }));

    expect(await screen.findByRole("alert")).toHaveTextContent("Something in the form needs another look.");
    expect(screen.getByLabelText("Line 1 Description")).toHaveAccessibleDescription("Too large.");
    expect(screen.getByText("1 field needs another look")).toBeVisible();
    expect(bridge.core.journal.entries).toHaveLength(0);
  });

  it("says that a full disk saved nothing, and leaves what was typed", async () => {
    const { bridge, user } = open("/invoices/new?customer=acc-001");
    bridge.refuse("saveInvoice", new BridgeError({ code: "disk_full", message: "Not saved" }));
    await fill(user, await screen.findByLabelText("Line 1 Description"), "Service visit");
    await fill(user, screen.getByLabelText("Line 1 Unit price"), "180.00");
    await user.click(screen.getByRole("button", { name: "Save invoice" }));

    expect(await screen.findByRole("alert")).toHaveTextContent("Not saved: the disk is full.");
    expect(screen.getByLabelText("Line 1 Description")).toHaveValue("Service visit");
  });

  it("saves once, however often the answer is lost", async () => {
    const { bridge, user } = open("/invoices/new?customer=acc-001", { offline: true });
    const save = bridge.saveInvoice;
    const ids: string[] = [];
    bridge.saveInvoice = async (form) => {
      ids.push(form.actionId);
      const saved = await save(form);
      if (ids.length === 1) throw new BridgeError({ code: "internal", message: "It took too long" });
      return saved;
    };
    await fill(user, await screen.findByLabelText("Line 1 Description"), "Service visit");
    await fill(user, screen.getByLabelText("Line 1 Unit price"), "180.00");
    await user.click(screen.getByRole("button", { name: "Save invoice" }));
    await screen.findByRole("alert");
    await user.click(screen.getByRole("button", { name: "Save invoice" }));

    expect(await screen.findByText("Invoice saved as action 1")).toBeVisible();
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(ids[1]).toBe(ids[0]);
    expect(bridge.core.journal.entries).toHaveLength(1);
  });

  it("is filled in and saved without a mouse", async () => {
    const { bridge, user } = open("/invoices/new");
    expect(await screen.findByRole("combobox", { name: "Customer" })).toHaveFocus();
    await user.keyboard("globex");
    await screen.findByRole("option", { name: "Globex Industries" });
    await user.keyboard("{Enter}");
    screen.getByLabelText("Line 1 Description").focus();
    await user.keyboard("Hours{Enter}2.5{Enter}100{Enter}{Enter}10{Enter}");
    expect(screen.getByLabelText("Line 2 Description")).toHaveFocus();
    await user.keyboard("Travel{Enter}1{Enter}40{Enter}");
    await user.keyboard("{Control>}{Enter}{/Control}");

    await heading("INV-00004");
    // 250 + 40, and 10 % on both: a new line takes the tax of the one above.
    expect(bridge.core.journal.entries[0]?.row.amount).toBe(31_900);
  });

  it("shows what is missing, counts it, and goes to the first of it", async () => {
    const { bridge, user } = open("/invoices/new");
    await screen.findByRole("combobox", { name: "Customer" });
    await user.click(screen.getByRole("button", { name: "Save invoice" }));

    expect(await screen.findByText("3 fields need another look")).toBeVisible();
    expect(screen.getByRole("combobox", { name: "Customer" })).toHaveFocus();
    expect(screen.getByLabelText("Line 1 Unit price")).toHaveAccessibleDescription("Enter a number.");
    expect(bridge.core.journal.entries).toHaveLength(0);
  });

  it("sums while one types, in the currency's own digits", async () => {
    const { user } = open("/invoices/new?customer=acc-001");
    await fill(user, await screen.findByLabelText("Line 1 Description"), "Workshop");
    await fill(user, screen.getByLabelText("Line 1 Unit price"), "1234.56");
    const summary = within(screen.getByRole("complementary", { name: "Summary" }));
    expect((await summary.findAllByText("1,234.56"))[0]).toBeVisible();

    const currency = screen.getByRole("combobox", { name: "Currency" });
    await fill(user, currency, "JPY");
    await user.click(await screen.findByRole("option", { name: /JPY/ }));
    expect(await screen.findByText("This currency has no decimals.")).toBeVisible();
    await fill(user, screen.getByLabelText("Line 1 Unit price"), "120000");
    expect((await summary.findAllByText("120,000"))[0]).toBeVisible();
  });

  it("keeps what was typed when one leaves and comes back", async () => {
    const { router, user } = open("/invoices/new?customer=acc-001");
    await fill(user, await screen.findByLabelText("Line 1 Description"), "Service visit");
    await router.navigate("/");
    await heading("Today");
    await router.navigate("/invoices/new");
    expect(await screen.findByLabelText("Line 1 Description")).toHaveValue("Service visit");
  });
});
