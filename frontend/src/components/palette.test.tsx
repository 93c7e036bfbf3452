import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { heading, open } from "~/testing/render";

describe("the palette", () => {
  it("goes to a place by a few letters, without a mouse", async () => {
    const { user } = open("/");
    await heading("Today");
    await user.keyboard("{Control>}k{/Control}");
    await user.type(await screen.findByRole("textbox", { name: /^Type a customer/ }), "outb");
    await user.keyboard("{Enter}");
    await heading("Outbox");
  });

  it("finds customers and invoices by name", async () => {
    const { user } = open("/");
    await heading("Today");
    await user.keyboard("{Control>}k{/Control}");
    await user.type(await screen.findByRole("textbox", { name: /^Type a customer/ }), "stark");
    await user.click(await screen.findByRole("button", { name: /^Stark Energy/ }));
    await heading("Stark Energy");
  });

  it("begins a payment for the invoice that is open", async () => {
    const { user, router } = open("/invoices/inv-002");
    await screen.findByRole("link", { name: "Take payment" });
    await user.keyboard("{Control>}k{/Control}");
    await user.type(await screen.findByRole("textbox", { name: /^Type a customer/ }), "take");
    await user.keyboard("{Enter}");
    await heading("Take payment");
    expect(router.state.location.search).toBe("?invoice=inv-002");
  });

  it("says so when nothing has that name", async () => {
    const { user } = open("/");
    await heading("Today");
    await user.keyboard("{Control>}k{/Control}");
    await user.type(await screen.findByRole("textbox", { name: /^Type a customer/ }), "zzzz");
    expect(await screen.findByText("Nothing of that name on this device")).toBeVisible();
  });
});

describe("single-key shortcuts", () => {
  it("begin the act for what is on screen", async () => {
    const { user, router } = open("/invoices/inv-002");
    await screen.findByRole("link", { name: "Take payment" });
    await user.keyboard("p");
    await heading("Take payment");
    expect(router.state.location.search).toBe("?invoice=inv-002");
  });

  it("do nothing once they are switched off", async () => {
    const { user, router } = open("/settings");
    await user.click(await screen.findByRole("switch", { name: /^Single-key shortcuts/ }));
    (document.activeElement as HTMLElement).blur();
    await user.keyboard("i1/?");
    expect(router.state.location.pathname).toBe("/settings");
    expect(screen.queryByRole("dialog")).toBeNull();
    await user.keyboard("{Control>}k{/Control}");
    expect(await screen.findByRole("textbox", { name: /^Type a customer/ })).toBeVisible();
  });
});
