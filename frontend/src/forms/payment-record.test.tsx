import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { BridgeError } from "~/bridge/error";
import { fill, open } from "~/testing/render";

const summary = () => within(screen.getByRole("complementary", { name: "Summary" }));

describe("the form of a payment", () => {
  it("keeps the money while offline, as received and not as paid", async () => {
    const { bridge, user } = open("/payments/new?invoice=inv-002", { offline: true });
    await fill(user, await screen.findByLabelText("Amount received"), "500.00");
    await user.click(screen.getByRole("button", { name: "Save payment" }));

    expect(await screen.findByText("Payment saved as action 1")).toBeVisible();
    expect(bridge.core.journal.entries[0]?.row).toMatchObject({ state: "pending", amount: 50_000, method: "cash" });
    expect(bridge.core.server.invoices.find((i) => i.id === "inv-002")?.paid).toBe(0);
    expect(await screen.findByText(/500.00.USD received here/)).toBeVisible();
    expect(screen.queryByText("Paid")).not.toBeInTheDocument();
  });

  it("shows change to give back and what remains open", async () => {
    const { user } = open("/payments/new?invoice=inv-002");
    await fill(user, await screen.findByLabelText("Amount received"), "900");
    await fill(user, screen.getByLabelText(/Cash handed over/), "1000");
    expect(await summary().findByText("Change to give back")).toBeVisible();
    expect(summary().getByText("100.00")).toBeVisible();
    expect(summary().getByText("850.00")).toBeVisible();
  });

  it("takes the whole balance at one press", async () => {
    const { user } = open("/payments/new?invoice=inv-002");
    await user.click(await screen.findByRole("button", { name: /All of it/ }));
    expect(screen.getByLabelText("Amount received")).toHaveValue("1750.00");
  });

  it("warns when more than the balance is received, and takes it all the same", async () => {
    const { bridge, user } = open("/payments/new?invoice=inv-003", { offline: true });
    await fill(user, await screen.findByLabelText("Amount received"), "600");
    expect(await screen.findByText(/This is more than is open/)).toBeVisible();
    expect(summary().getByText("100.00")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Save payment" }));
    await screen.findByText("Payment saved as action 1");
    expect(bridge.core.journal.entries[0]?.row.amount).toBe(60_000);
  });

  it("warns of a second payment of the same amount", async () => {
    const { router, user } = open("/payments/new?invoice=inv-002", { offline: true });
    await fill(user, await screen.findByLabelText("Amount received"), "500");
    await user.click(screen.getByRole("button", { name: "Save payment" }));
    await screen.findByText("Payment saved as action 1");
    // The form that was saved must be gone, or its fields are found instead of the next one's.
    await waitFor(() => expect(screen.queryByLabelText("Amount received")).toBeNull());
    await router.navigate("/payments/new?invoice=inv-002");
    await fill(user, await screen.findByLabelText("Amount received"), "500");
    expect(await screen.findByText(/A payment of the same amount/)).toBeVisible();
  });

  it("asks for the number of a check", async () => {
    const { bridge, user } = open("/payments/new?invoice=inv-002");
    await fill(user, await screen.findByLabelText("Amount received"), "10");
    await user.click(screen.getByRole("radio", { name: "Check" }));
    await user.click(screen.getByRole("button", { name: "Save payment" }));
    expect(await screen.findByText("1 field needs another look")).toBeVisible();
    expect(screen.getByLabelText("Check number")).toHaveFocus();
    await fill(user, screen.getByLabelText("Check number"), "10442");
    await user.click(screen.getByRole("button", { name: "Save payment" }));
    await screen.findByText("Payment saved as action 1");
    expect(bridge.core.journal.entries[0]?.payload["checkNumber"]).toBe("10442");
  });

  it("shows a refusal of the core and keeps what was typed", async () => {
    const { bridge, user } = open("/payments/new?invoice=inv-002");
    bridge.refuse("savePayment", new BridgeError({ code: "storage_failed", message: "" }));
    await fill(user, await screen.findByLabelText("Amount received"), "10");
    await user.click(screen.getByRole("button", { name: "Save payment" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("Not saved: the disk does not take it. Try again.");
    expect(screen.getByLabelText("Amount received")).toHaveValue("10");
  });

  it("is filled in and saved without a mouse", async () => {
    const { bridge, user } = open("/payments/new?invoice=inv-002", { offline: true });
    expect(await screen.findByLabelText("Amount received")).toHaveFocus();
    await user.keyboard("250{Enter}");
    expect(screen.getByRole("radio", { name: "Cash" })).toHaveFocus();
    await user.keyboard("{Enter}300{Control>}{Enter}{/Control}");
    await screen.findByText("Payment saved as action 1");
    expect(bridge.core.journal.entries[0]?.payload).toMatchObject({ amount: 25_000, tendered: 30_000, change: 5_000 });
  });
});
