/** Where one can go and what one can begin: the rail, the keys and the palette share these. */
import {
  IconBuilding,
  IconCash,
  IconCashRegister,
  IconFileInvoice,
  IconHelpCircle,
  IconHome,
  IconNotes,
  IconOutbound,
  IconSettings,
  IconStethoscope,
} from "@tabler/icons-react";

/** The daily places, in the order of the rail. */
export const places = [
  { to: "/", key: "today", icon: IconHome },
  { to: "/customers", key: "customers", icon: IconBuilding },
  { to: "/invoices", key: "invoices", icon: IconFileInvoice },
  { to: "/visits", key: "visits", icon: IconNotes },
  { to: "/outbox", key: "outbox", icon: IconOutbound },
] as const;

/** The places that a day can do without. */
export const tools = [
  { to: "/shift", key: "shift", icon: IconCashRegister },
  { to: "/diagnostics", key: "diagnostics", icon: IconStethoscope },
  { to: "/reasons", key: "reasons", icon: IconHelpCircle },
  { to: "/settings", key: "settings", icon: IconSettings },
] as const;

/** The three big acts, with the key that begins each. */
export const acts = [
  { to: "/invoices/new", key: "invoice", letter: "i", icon: IconFileInvoice },
  { to: "/payments/new", key: "payment", letter: "p", icon: IconCash },
  { to: "/visits/new", key: "visit", letter: "v", icon: IconNotes },
] as const;

/**
 * The address of an act begun from a page: on an invoice the payment is for that
 * invoice, on a customer the invoice and the visit are for that customer.
 */
export function actAddress(act: (typeof acts)[number], pathname: string): string {
  const [, place, id] = /^\/(invoices|customers)\/([^/]+)/.exec(pathname) ?? [];
  if (id === undefined || id === "new") return act.to;
  if (place === "invoices") return act.key === "payment" ? `${act.to}?invoice=${id}` : act.to;
  return act.key === "payment" ? act.to : `${act.to}?customer=${id}`;
}
