import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createMemoryRouter } from "react-router";
import { App } from "~/app";
import { type MemoryBridge, memoryBridge } from "~/bridge/memory/memory";
import type { MemoryOptions } from "~/bridge/memory/core";
import { routes } from "~/routes";

/** The program at an address, over a twin, as a person meets it. */
export function open(address: string, start: MemoryOptions | MemoryBridge = {}) {
  const bridge = "core" in start ? start : memoryBridge({ signedIn: true, ...start });
  const router = createMemoryRouter(routes, { initialEntries: [address] });
  render(<App bridge={bridge} router={router} nonce="" env="test" />);
  return { bridge, router, user: userEvent.setup() };
}

/** A twin that already holds an invoice of this customer. */
export async function withInvoice(bridge: MemoryBridge, notes = ""): Promise<string> {
  const saved = await bridge.saveInvoice({
    accountId: "acc-005",
    contactId: "",
    currency: "usd",
    description: "Turbine inspection",
    notes,
    dueDate: "",
    locale: "en-US",
    replaces: "", actionId: "",
    lines: [{ description: "Inspection", quantity: "1", unitPrice: "100.00", discount: "", taxRate: "" }],
  });
  return saved.recordId;
}

/** Puts a text into a field at once; stories of typing use the keyboard instead. */
export async function fill(user: ReturnType<typeof userEvent.setup>, field: HTMLElement, text: string) {
  await user.clear(field);
  field.focus();
  await user.paste(text);
}

/** The page's heading, once it stands. */
export function heading(name: string) {
  return screen.findByRole("heading", { level: 1, name });
}
