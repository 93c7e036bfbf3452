import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { memoryBridge } from "~/bridge/memory/memory";
import { open, withInvoice } from "~/testing/render";

const seal = "Save unsent work as a file";
const take = "Take a file or a receipt";
const file = (text: string) => new File([text], "carried");

describe("handing over", () => {
  it("says where unsent work was saved, and that it stays", async () => {
    const bridge = memoryBridge({ signedIn: true, offline: true });
    await withInvoice(bridge);
    const { user } = open("/settings", bridge);
    await user.click(await screen.findByRole("button", { name: seal }));
    expect(await screen.findByText(/1 entry is in .*unsent-work\.fieldpay\. It stays here/)).toBeVisible();
  });

  it("says so when everything was sent", async () => {
    const { user } = open("/settings", memoryBridge({ signedIn: true }));
    await user.click(await screen.findByRole("button", { name: seal }));
    expect(await screen.findByText(/^There is nothing to hand over/)).toBeVisible();
  });

  it("brings a colleague's file, and refuses what is none", async () => {
    const { user } = open("/settings", memoryBridge({ signedIn: true }));
    const input = await screen.findByLabelText(take, { selector: "input" });
    await user.upload(input, file("age-encryption.org/v1\nsealed"));
    expect(await screen.findByText(/The server has 1 of 1 entry/)).toBeVisible();
    await user.upload(input, file("hello"));
    expect(await screen.findByText(/^This is neither unsent work/)).toBeVisible();
  });
});
