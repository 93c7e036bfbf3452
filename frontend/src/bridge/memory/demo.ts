/** A day's work in the twin, for the development server and for pictures. */
import type { Bridge } from "~/bridge/bridge";
import { type MemoryBridge, memoryBridge } from "~/bridge/memory/memory";

const line = { quantity: "1", discount: "", taxRate: "8.25" };
const invoice = { contactId: "", notes: "", dueDate: "", locale: "en-US", currency: "usd", replaces: "", actionId: "" };
const payment = { tendered: "", checkNumber: "", reference: "", note: "", locale: "en-US", replaces: "", actionId: "" };

/** Fills the journal with one action of each fate. */
async function work(bridge: MemoryBridge): Promise<void> {
  await bridge.saveInvoice({
    ...invoice,
    accountId: "acc-001",
    description: "Field service, October",
    dueDate: "2026-12-15",
    lines: [
      { ...line, description: "Service visit", quantity: "3", unitPrice: "180.00" },
      { ...line, description: "Valve kit", unitPrice: "412.50", discount: "12.50" },
    ],
  });
  await bridge.savePayment({ ...payment, invoiceId: "inv-002", amount: "500.00", method: "check", checkNumber: "10442" });
  await bridge.saveVisit({ accountId: "acc-004", contactId: "con-006", invoiceId: "", note: "Asked for a quote on spare parts", outcome: "follow_up", files: [], replaces: "", actionId: "" });
  bridge.network(true);
  await bridge.syncNow();
  bridge.network(false);
  const broken = await bridge.saveInvoice({
    ...invoice,
    accountId: "acc-005",
    description: "Turbine inspection",
    notes: "#gone",
    lines: [{ ...line, description: "Inspection, day rate", quantity: "2", unitPrice: "940.00" }],
  });
  await bridge.savePayment({ ...payment, invoiceId: broken.recordId, amount: "1000.00", method: "cash", tendered: "1100.00" });
  await bridge.savePayment({ ...payment, invoiceId: "inv-003", amount: "200.00", method: "bank_transfer", reference: "Phase 1", note: "#busy" });
  bridge.network(true);
  await bridge.syncNow();
  bridge.network(false);
  await bridge.saveInvoice({
    ...invoice,
    accountId: "acc-006",
    currency: "jpy",
    description: "Kyoto workshop",
    lines: [{ ...line, description: "Workshop", unitPrice: "120000", taxRate: "10" }],
  });
  await bridge.savePayment({ ...payment, invoiceId: "inv-002", amount: "250.00", method: "cash" });
}

/**
 * The twin for an address: ?twin=fresh|empty|offline|busy|online, &door to begin
 * at the sign-in, &kiosk for a kiosk, &locked to begin at the lock with the PINs
 * 284736 (demo user) and 905172 (manager), &pin where one has to be set first.
 */
export async function demoBridge(params: URLSearchParams): Promise<Bridge> {
  const kind = params.get("twin") ?? "busy";
  const bridge = memoryBridge({
    offline: kind !== "online" && kind !== "fresh",
    empty: kind === "empty",
    signedIn: !params.has("door"),
    kiosk: params.has("kiosk"),
    pinRequired: params.has("pin"),
    pins: params.has("kiosk") || params.has("locked") ? { demo: "284736", manager: "905172" } : {},
  });
  if (kind === "busy" && !params.has("pin")) await work(bridge);
  if (params.has("locked")) await bridge.lock();
  return bridge;
}
