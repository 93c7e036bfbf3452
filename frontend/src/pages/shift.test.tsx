import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { memoryBridge } from "~/bridge/memory/memory";
import { fill, heading, open } from "~/testing/render";

const cash = { method: "cash", tendered: "", checkNumber: "", reference: "", note: "", locale: "en-US", replaces: "", actionId: "" };

describe("a shift", () => {
  it("is opened with what is in the drawer, closed against the journal, and tells the difference", async () => {
    const bridge = memoryBridge({ signedIn: true, offline: true });
    const { user, router } = open("/shift", bridge);
    await heading("Shift");
    await fill(user, await screen.findByLabelText("In the drawer at the start"), "100");
    await user.click(screen.getByRole("button", { name: "Open the shift" }));
    expect(await screen.findByRole("button", { name: "Close the shift" })).toBeVisible();

    await bridge.savePayment({ ...cash, invoiceId: "inv-002", amount: "20.50" });
    await bridge.savePayment({ ...cash, invoiceId: "inv-003", amount: "30" });
    await router.navigate("/");
    await heading("Today");
    await router.navigate("/shift");
    const running = within(await screen.findByRole("table", { name: "The shift that is open" }));
    expect(await running.findByText("2 payments")).toBeVisible();
    expect(running.getByText("150.50")).toBeVisible();

    await fill(user, screen.getByLabelText("Counted"), "150");
    expect(await within(await screen.findByRole("table", { name: "Counted against the journal" })).findByText(/is missing/)).toBeVisible();
    await user.keyboard("{Enter}");
    const slip = within(await screen.findByRole("table", { name: "Closing slip" }));
    expect(slip.getByText("0.50")).toBeVisible();
    expect(slip.getByText(/is missing/)).toBeVisible();
    expect(await screen.findByRole("button", { name: "Open the shift" })).toBeVisible();
  });

  it("asks for a count that is one", async () => {
    const { user } = open("/shift");
    await heading("Shift");
    await user.click(await screen.findByRole("button", { name: "Open the shift" }));
    expect(await screen.findByText("Required.")).toBeVisible();
  });
});
