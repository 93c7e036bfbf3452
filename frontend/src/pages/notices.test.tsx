import { screen, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { BridgeError } from "~/bridge/error";
import { memoryBridge } from "~/bridge/memory/memory";
import { heading, open, withInvoice } from "~/testing/render";

const MINUTE = 60_000;

/** A twin whose work of that many minutes ago is unsent: of another fate than "no network" by its word. */
async function unsentFor(minutes: number, word = "") {
  let now = Date.now() - minutes * MINUTE;
  const bridge = memoryBridge({ signedIn: true, offline: word === "", now: () => new Date(now) });
  await withInvoice(bridge, word);
  await bridge.syncNow();
  now += minutes * MINUTE;
  return bridge;
}

const statusLine = async () => within(await screen.findByRole("region", { name: "Status" }));

describe("unsent work", () => {
  it("is only counted while it is young", async () => {
    open("/", await unsentFor(14));
    expect(await (await statusLine()).findByText("1 unsent")).toBeVisible();
    expect(screen.queryByText(/^Unsent since/)).not.toBeInTheDocument();
  });

  it("says since when from 15 minutes on, and no more than that", async () => {
    open("/", await unsentFor(16));
    expect(await (await statusLine()).findByText(/^1 unsent since /)).toBeVisible();
    expect(screen.queryByRole("heading", { name: /^Unsent since/ })).not.toBeInTheDocument();
  });

  it("is told in words after four hours, with the way to the outbox", async () => {
    const { user } = open("/", await unsentFor(241));
    const notice = within(await screen.findByRole("region", { name: /^Unsent since/ }));
    expect(notice.getByText(/tried again by itself, for as long as it takes/)).toBeVisible();
    expect(notice.getByText(/Go where there is a connection/)).toBeVisible();
    await user.click(notice.getByRole("link", { name: "Show the outbox" }));
    await heading("Outbox");
  });

  it("that something refuses to take for now turns amber, and its reason is what to look at", async () => {
    const { router } = open("/", await unsentFor(241, "#busy"));
    expect(await screen.findByText(/There is a connection, but something does not go through/)).toBeVisible();
    await router.navigate("/outbox");
    await heading("Outbox");
    expect(await screen.findByText("Trying again")).toHaveAttribute("data-tone", "warning");
  });

  it("that tries again is no colour before", async () => {
    open("/outbox", await unsentFor(239, "#busy"));
    expect(await screen.findByText("Trying again")).toHaveAttribute("data-tone", "neutral");
  });

  it("that a person must decide about is not told a second time", async () => {
    open("/", await unsentFor(241, "#gone"));
    expect(await (await statusLine()).findByText("1 needs you")).toBeVisible();
    expect(screen.queryByText(/unsent since/i)).not.toBeInTheDocument();
  });
});

describe("a journal that came back from a backup", () => {
  it.each(["/", "/diagnostics"])("is told at %s, and sends after a person's decision", async (address) => {
    const bridge = memoryBridge({ signedIn: true });
    bridge.rollBack();
    await withInvoice(bridge);
    const { user } = open(address, bridge);
    const notice = within(await screen.findByRole("region", { name: "This journal is an older copy" }));
    expect((await statusLine()).getByText("Older journal")).toBeVisible();
    expect(notice.getByText(/Nothing is sent for now/)).toBeVisible();
    await user.click(notice.getByRole("button", { name: "Go on with this journal" }));
    const dialog = within(await screen.findByRole("dialog", { name: "Go on with this journal?" }));
    expect(bridge.core.journal.entries[0]?.row.state).toBe("pending");
    await user.click(dialog.getByRole("button", { name: "Go on" }));
    expect(await (await statusLine()).findByText("Online")).toBeVisible();
    expect(screen.queryByText("This journal is an older copy")).not.toBeInTheDocument();
    expect(bridge.core.journal.entries[0]?.row.state).toBe("applied");
  });

  it("stays as it is when the person does not decide, and when the server cannot be told", async () => {
    const bridge = memoryBridge({ signedIn: true });
    bridge.rollBack();
    const { user } = open("/", bridge);
    await user.click(await screen.findByRole("button", { name: "Go on with this journal" }));
    await user.click(await screen.findByRole("button", { name: "Not now" }));
    bridge.refuse("goOn", new BridgeError({ code: "answer_lost", message: "" }));
    await user.click(screen.getByRole("button", { name: "Go on with this journal" }));
    await user.click(await screen.findByRole("button", { name: "Go on" }));
    expect(await screen.findByRole("alert")).toBeVisible();
    expect(screen.getByText("Older journal")).toBeInTheDocument();
  });
});

describe("a damaged journal", () => {
  it.each(["/", "/diagnostics"])("is told at %s, and salvaged by a person's decision", async (address) => {
    const bridge = memoryBridge({ signedIn: true });
    bridge.damage();
    const { user } = open(address, bridge);
    const notice = within(await screen.findByRole("region", { name: "The journal on this device is damaged" }));
    expect(notice.getByText(/Nothing was overwritten/)).toBeVisible();
    await user.click(notice.getByRole("button", { name: "Salvage the journal" }));
    const dialog = within(await screen.findByRole("dialog", { name: "Salvage the journal?" }));
    await user.click(dialog.getByRole("button", { name: "Salvage" }));
    expect(await screen.findByRole("button", { name: "Go on with this journal" })).toBeVisible();
    expect(screen.queryByRole("region", { name: "The journal on this device is damaged" })).not.toBeInTheDocument();
  });

  it("says why when it cannot be salvaged, and stays as it is when nobody decides", async () => {
    const bridge = memoryBridge({ signedIn: true });
    bridge.damage();
    const { user } = open("/", bridge);
    await user.click(await screen.findByRole("button", { name: "Salvage the journal" }));
    await user.click(await screen.findByRole("button", { name: "Not now" }));
    expect(bridge.core.damaged).toBe(true);
    bridge.refuse("salvage", new BridgeError({ code: "disk_full", message: "" }));
    await user.click(screen.getByRole("button", { name: "Salvage the journal" }));
    await user.click(await screen.findByRole("button", { name: "Salvage" }));
    expect(await screen.findByRole("alert")).toBeVisible();
  });

  it("that cannot be opened at all is all there is to see", async () => {
    const bridge = memoryBridge({ signedIn: true });
    bridge.damage();
    bridge.refuse("door", new BridgeError({ code: "journal_damaged", message: "" }));
    const { user } = open("/", bridge);
    await user.click(await screen.findByRole("button", { name: "Salvage the journal" }));
    await user.click(await screen.findByRole("button", { name: "Salvage" }));
    await heading("Today");
  });
});

describe("a disk that is nearly full", () => {
  it("is told with what is left, and the notice goes by itself", async () => {
    const bridge = memoryBridge({ signedIn: true });
    bridge.fillDisk(120 * 2 ** 20);
    open("/", bridge);
    expect(await screen.findByRole("heading", { name: "The disk is nearly full: 120 MB left" })).toBeVisible();
    bridge.fillDisk(2 ** 40);
    await statusLine();
    await vi.waitFor(() => expect(screen.queryByText(/nearly full/)).not.toBeInTheDocument());
  });
});
