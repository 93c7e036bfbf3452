import { cleanup, screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { BridgeError } from "~/bridge/error";
import { fill, heading, open } from "~/testing/render";

describe("a form that was begun", () => {
  it("survives a crash, and is offered again", async () => {
    const { bridge, user } = open("/visits/new?customer=acc-004");
    await fill(user, await screen.findByLabelText("Note"), "Half a sente");
    await waitFor(() => expect(bridge.core.drafts.get("usr-001")).toHaveLength(1));
    cleanup(); // the program is gone, and its memory

    const again = open("/", bridge);
    await again.user.click(await screen.findByRole("link", { name: /^Visit.*Umbrella Health/ }));
    await heading("Log visit");
    expect(await screen.findByLabelText("Note")).toHaveValue("Half a sente");
    expect(screen.getByText(/Goes on from what you typed/)).toBeVisible();
    await again.user.click(screen.getByRole("button", { name: "Save visit" }));
    await screen.findByText("Visit saved as action 1");
    expect(bridge.core.drafts.get("usr-001")).toEqual([]);
    expect(bridge.core.journal.entries).toHaveLength(1);
  });

  it("is begun afresh, or dropped, only when a person says so", async () => {
    const { bridge, router, user } = open("/visits/new?customer=acc-004");
    await fill(user, await screen.findByLabelText("Note"), "Wrong house");
    await router.navigate("/");
    expect(await screen.findByRole("list", { name: "Begun, not saved" })).toBeVisible();
    await router.navigate("/visits/new?customer=acc-001");
    await user.click(await screen.findByRole("button", { name: "Begin afresh" }));
    await waitFor(() => expect(screen.getByLabelText("Note")).toHaveValue(""));
    expect(await screen.findByRole("combobox", { name: "Customer" })).toHaveValue("Acme Corporation");

    await fill(user, screen.getByLabelText("Note"), "Another one");
    await router.navigate("/");
    await user.click(await screen.findByRole("button", { name: /^Drop the draft: Visit/ }));
    expect(screen.queryByText("Begun, not saved")).not.toBeInTheDocument();
    await waitFor(() => expect(bridge.core.drafts.get("usr-001")).toEqual([]));
  });

  it("says when it is not kept", async () => {
    const { bridge, user } = open("/visits/new?customer=acc-004");
    bridge.refuse("keepDraft", new BridgeError({ code: "disk_full", message: "" }));
    await fill(user, await screen.findByLabelText("Note"), "x");
    expect(await screen.findByText(/The draft is not kept/)).toBeVisible();
  });
});
