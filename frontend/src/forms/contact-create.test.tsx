import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { BridgeError } from "~/bridge/error";
import { fill, heading, open } from "~/testing/render";

describe("the form of a new contact", () => {
  it("makes a person offline whom the next form can name", async () => {
    const { bridge, router, user } = open("/contacts/new?customer=acc-004", { offline: true });
    await fill(user, await screen.findByLabelText("Last name"), "Novak");
    await fill(user, screen.getByLabelText(/^First name/), "Ivy");
    await user.click(screen.getByRole("button", { name: "Save contact" }));
    await screen.findByText("Contact saved as action 1");
    await heading("Umbrella Health");
    expect(await screen.findByText("Ivy Novak")).toBeVisible();
    expect(bridge.core.journal.entries[0]?.row).toMatchObject({ type: "create_contact", state: "pending" });

    await router.navigate("/visits/new?customer=acc-004");
    await user.click(await screen.findByRole("combobox", { name: /^Contact/ }));
    expect(await screen.findByRole("option", { name: "Ivy Novak" })).toBeVisible();
  });

  it("shows what is missing, and a refusal of the core", async () => {
    const { bridge, user } = open("/contacts/new?customer=acc-004");
    bridge.refuse("saveContact", new BridgeError({ code: "invalid_payload", message: "", fields: { email: "is not an address" } }));
    await screen.findByLabelText("Last name");
    await user.click(screen.getByRole("button", { name: "Save contact" }));
    expect(await screen.findByText("1 field needs another look")).toBeVisible();
    await fill(user, screen.getByLabelText("Last name"), "Novak");
    await user.click(screen.getByRole("button", { name: "Save contact" }));
    expect(await screen.findByRole("alert")).toBeVisible();
    expect(screen.getByLabelText("Last name")).toHaveValue("Novak");
    expect(screen.getByLabelText(/^Email/)).toHaveAttribute("aria-invalid", "true");
  });

  it("is filled in and saved without a mouse", async () => {
    const { bridge, user } = open("/contacts/new?customer=acc-004", { offline: true });
    expect(await screen.findByLabelText("Last name")).toHaveFocus();
    await user.keyboard("Novak{Enter}Ivy{Enter}Owner{Control>}{Enter}{/Control}");
    await screen.findByText("Contact saved as action 1");
    expect(bridge.core.journal.entries[0]?.payload).toMatchObject({ lastName: "Novak", firstName: "Ivy", title: "Owner" });
  });
});
