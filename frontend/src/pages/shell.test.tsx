import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { memoryBridge } from "~/bridge/memory/memory";
import { heading, open, withInvoice } from "~/testing/render";

describe("the status line", () => {
  it("says the connection, since when, and why", async () => {
    const { bridge } = open("/", { offline: true });
    const line = within(await screen.findByRole("region", { name: "Status" }));
    expect(await line.findByText("Offline")).toBeVisible();
    expect(line.getByText(/^since /)).toBeVisible();
    expect(line.getByText("There is no way to the server. Everything is kept and sent later.")).toBeVisible();
    bridge.network(true);
    expect(await line.findByText("Online")).toBeVisible();
  });

  it("counts what is unsent, with its value", async () => {
    const { bridge } = open("/", { offline: true });
    const line = within(await screen.findByRole("region", { name: "Status" }));
    expect(await line.findByText("Nothing unsent")).toBeVisible();
    await bridge.savePayment({ invoiceId: "inv-002", amount: "12.50", method: "cash", tendered: "", checkNumber: "", reference: "", note: "", locale: "en-US", replaces: "", actionId: "" });
    expect(await line.findByText("1 unsent")).toBeVisible();
    expect(line.getByText("12.50")).toBeVisible();
  });
});

describe("leaving", () => {
  it("is asked about while work is unsent, and keeps it", async () => {
    const bridge = memoryBridge({ signedIn: true, offline: true });
    await withInvoice(bridge);
    const { user } = open("/", bridge);
    await user.click(await screen.findByRole("button", { name: "Demo User" }));
    await user.click(await screen.findByRole("menuitem", { name: "Sign out" }));
    const dialog = within(await screen.findByRole("dialog", { name: "1 action is unsent" }));
    await user.click(dialog.getByRole("button", { name: "Sign out and keep it here" }));
    expect(await screen.findByLabelText("Email")).toBeVisible();
    expect(screen.getByText(/1 unsent action is kept on this device/)).toBeVisible();
  });
});

describe("diagnostics", () => {
  it("shows version, environment, network, last sync, counts and events, and goes offline by choice", async () => {
    const bridge = memoryBridge({ signedIn: true });
    const { user } = open("/diagnostics", bridge);
    await heading("Diagnostics");
    expect(await screen.findByText("0.0.0-memory")).toBeVisible();
    expect(screen.getByText("sandbox")).toBeVisible();
    expect(screen.getByText("connection_changed")).toBeVisible();
    await user.click(screen.getByRole("switch", { name: /^Work offline/ }));
    expect((await screen.findAllByText("Offline by choice")).length).toBe(3);
    await withInvoice(bridge);
    expect(bridge.core.journal.entries[0]?.row.state).toBe("pending");
  });
});

describe("settings", () => {
  it("change the language at once", async () => {
    const { user } = open("/settings");
    await user.click(await screen.findByRole("combobox", { name: "Language" }));
    await user.click(await screen.findByRole("option", { name: "Deutsch" }));
    await heading("Einstellungen");
    expect(screen.getByRole("link", { name: "Rechnungen" })).toBeVisible();
    expect(document.documentElement.lang).toBe("de");
  });
});

describe("a language that the company has settled", () => {
  it("is spoken at once, and cannot be changed here", async () => {
    open("/settings", { locale: "de-AT" });
    await heading("Einstellungen");
    expect(screen.getByRole("combobox", { name: "Sprache" })).toBeDisabled();
    expect(screen.getByText("Von Ihrem Unternehmen festgelegt.")).toBeVisible();
  });
});

describe("shortcuts", () => {
  it("are listed under the question mark and open their forms", async () => {
    const { user } = open("/");
    await heading("Today");
    await user.keyboard("{Shift>}?{/Shift}");
    expect(await screen.findByRole("dialog", { name: "Shortcuts" })).toBeVisible();
    await user.keyboard("{Escape}");
    await user.keyboard("p");
    await heading("Take payment");
  });
});
