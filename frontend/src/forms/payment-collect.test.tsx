import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { BridgeError } from "~/bridge/error";
import { fill, heading, open } from "~/testing/render";

const amount = () => screen.findByLabelText("Amount to request");

describe("the form that requests a payment", () => {
  it("keeps a link while offline, as requested and never as paid", async () => {
    const { bridge, user } = open("/payments/collect?invoice=inv-002", { offline: true });
    await fill(user, await amount(), "500.00");
    await user.click(screen.getByRole("button", { name: "Save request" }));
    expect(await screen.findByText("Request saved as action 1")).toBeVisible();
    expect(bridge.core.journal.entries[0]?.row).toMatchObject({ type: "collect_payment", state: "pending", amount: 50_000 });
    expect(screen.queryByText("Paid")).not.toBeInTheDocument();

    await user.click(screen.getByRole("link", { name: "Show receipt" }));
    expect(await screen.findByRole("article", { name: "Payment request, provisional" })).toBeVisible();
    bridge.network(true);
    expect(await screen.findByRole("article", { name: "Payment request" })).toHaveTextContent("Nothing is received yet.");
    await user.click(screen.getByRole("link", { name: "Action" }));
    expect(await screen.findByRole("link", { name: /pay\.example\.com/ })).toBeVisible();
    expect(screen.getByText(/The customer was asked/)).toBeVisible();
  });

  it("charges a saved card when it is sent, and says which cards are known", async () => {
    const { bridge, user } = open("/payments/collect?invoice=inv-002");
    await fill(user, await amount(), "1750");
    await user.click(screen.getByRole("radio", { name: "Card on file" }));
    await user.click(screen.getByRole("button", { name: "Save request" }));
    expect(await screen.findByText("1 field needs another look")).toBeVisible();
    await user.click(screen.getByRole("combobox", { name: "Saved card" }));
    await user.click(await screen.findByRole("option", { name: /4242/ }));
    await user.click(screen.getByRole("button", { name: "Save request" }));
    await screen.findByText("Request saved as action 1");
    await waitFor(() => expect(bridge.core.journal.entries[0]?.row).toMatchObject({ state: "applied", result: "paid" }));
  });

  it("says offline which cards it does not know, and what is possible instead", async () => {
    const { user } = open("/payments/collect?invoice=inv-002", { offline: true });
    await amount();
    await user.click(screen.getByRole("radio", { name: "Card on file" }));
    expect(await screen.findByText(/were never looked at/)).toBeVisible();
    await user.click(screen.getByRole("radio", { name: "Card online, now" }));
    expect(await screen.findByText(/Paying a card online needs a connection/)).toBeVisible();
    await fill(user, await amount(), "10");
    await user.click(screen.getByRole("button", { name: "Open the page to pay" }));
    expect(await screen.findByRole("alert")).toBeVisible();
  });

  it("watches a card that is paid online until Stripe and the invoice have it", async () => {
    const { bridge, user } = open("/payments/collect?invoice=inv-002");
    await fill(user, await amount(), "1750");
    await user.click(screen.getByRole("radio", { name: "Card online, now" }));
    await user.click(screen.getByRole("button", { name: "Open the page to pay" }));
    await heading("Card online");
    expect(await screen.findByText(/Not paid yet/)).toBeVisible();
    expect(screen.getByRole("link", { name: "Open the page to pay" })).toHaveAttribute("href", expect.stringContaining("/pay/"));
    const [id = ""] = bridge.core.checkouts.keys();
    bridge.core.pay(id);
    expect(await screen.findByRole("heading", { name: "Paid" }, { timeout: 10_000 })).toBeVisible();
    expect(bridge.core.journal.entries).toHaveLength(0);
  });

  it("names the field when more is asked for than is open, or than a cap allows offline", async () => {
    const { bridge, user } = open("/payments/collect?invoice=inv-002", { offline: true });
    bridge.core.caps = { usd: 20_000 };
    await fill(user, await amount(), "9000");
    await user.click(screen.getByRole("button", { name: "Save request" }));
    expect(await screen.findByText("More than is open.")).toBeVisible();
    await fill(user, await amount(), "300");
    expect(await screen.findByText("More than may be taken at once without a connection.")).toBeVisible();
    expect(screen.getByLabelText("Amount to request")).toHaveAttribute("aria-invalid", "true");
    expect(bridge.core.journal.entries).toHaveLength(0);
  });

  it("shows a refusal of the core and keeps what was typed", async () => {
    const { bridge, user } = open("/payments/collect?invoice=inv-002");
    bridge.refuse("saveCollect", new BridgeError({ code: "storage_failed", message: "" }));
    await fill(user, await amount(), "10");
    await user.click(screen.getByRole("button", { name: "Save request" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("Not saved: the disk does not take it.");
    expect(screen.getByLabelText("Amount to request")).toHaveValue("10");
  });

  it("is filled in and saved without a mouse", async () => {
    const { bridge, user } = open("/payments/collect?invoice=inv-002", { offline: true });
    expect(await amount()).toHaveFocus();
    await user.keyboard("250{Enter}");
    expect(screen.getByRole("radio", { name: "Payment link" })).toHaveFocus();
    await user.keyboard("{Control>}{Enter}{/Control}");
    await screen.findByText("Request saved as action 1");
    expect(bridge.core.journal.entries[0]?.payload).toMatchObject({ amount: 25_000, method: "payment_link", partial: true });
  });
});
