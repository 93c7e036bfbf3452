import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { fill, heading, open } from "~/testing/render";

describe("the reasons", () => {
  it("are searched without a network, and the search stands in the address", async () => {
    const { router, user } = open("/reasons", { offline: true });
    await fill(user, await screen.findByRole("searchbox", { name: "Search reasons" }), "disk full");
    const list = await screen.findByRole("list", { name: "Reasons" });
    expect(within(list).getByRole("heading", { name: /the disk is full/ })).toBeVisible();
    expect(within(list).getByText("You")).toBeVisible();
    expect(router.state.location.search).toBe("?q=disk+full");
  });

  it("show one alone when a failed action names it, with the way to where it is mended", async () => {
    const { user } = open("/reasons?code=card_declined");
    const list = await screen.findByRole("list", { name: "Reasons" });
    expect(within(list).getAllByRole("listitem")).toHaveLength(1);
    await user.click(screen.getByRole("link", { name: "Go there: card_declined" }));
    await heading("Outbox");
  });

  it("say what to do when nothing is found", async () => {
    open("/reasons?q=zebra");
    expect(await screen.findByText("Nothing found for “zebra”")).toBeVisible();
  });
});
