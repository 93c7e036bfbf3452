/** The demo data that the sandbox also starts with. */
import type { AccountDTO, ContactDTO, InvoiceRow } from "~/bridge/dto";

type SeedAccount = Omit<AccountDTO, "openBalance">;

export const accounts: readonly SeedAccount[] = [
  ["acc-001", "Acme Corporation", "Technology", "+1 (415) 555-0100", "https://acme.example.com"],
  ["acc-002", "Globex Industries", "Manufacturing", "+1 (312) 555-0200", "https://globex.example.com"],
  ["acc-003", "Initech Solutions", "Consulting", "+1 (512) 555-0300", "https://initech.example.com"],
  ["acc-004", "Umbrella Health", "Healthcare", "+1 (617) 555-0400", "https://umbrella-health.example.com"],
  ["acc-005", "Stark Energy", "Energy", "+1 (713) 555-0500", "https://stark-energy.example.com"],
  ["acc-006", "Wayne Financial", "Financial Services", "+1 (212) 555-0600", "https://wayne-fin.example.com"],
].map(([id = "", name = "", industry = "", phone = "", website = ""]) => ({ id, name, industry, phone, website }));

export const contacts: readonly ContactDTO[] = [
  ["con-001", "acc-001", "Alice", "Chen", "alice.chen@acme.example.com", "+1 (415) 555-0101", "VP of Engineering"],
  ["con-002", "acc-001", "Bob", "Martinez", "bob.martinez@acme.example.com", "+1 (415) 555-0102", "Procurement Manager"],
  ["con-003", "acc-002", "Carol", "Johnson", "carol.j@globex.example.com", "+1 (312) 555-0201", "COO"],
  ["con-004", "acc-002", "Dan", "Smith", "dan.smith@globex.example.com", "+1 (312) 555-0202", "Finance Director"],
  ["con-005", "acc-003", "Eve", "Williams", "eve.w@initech.example.com", "+1 (512) 555-0301", "Managing Partner"],
  ["con-006", "acc-004", "Frank", "Lee", "frank.lee@umbrella.example.com", "+1 (617) 555-0401", "Chief Medical Officer"],
  ["con-007", "acc-005", "Grace", "Kim", "grace.kim@stark.example.com", "+1 (713) 555-0501", "Head of Operations"],
  ["con-008", "acc-006", "Hank", "Patel", "hank.patel@wayne.example.com", "+1 (212) 555-0601", "Investment Director"],
].map(([id = "", accountId = "", firstName = "", lastName = "", email = "", phone = "", title = ""]) => ({
  id,
  accountId,
  firstName,
  lastName,
  email,
  phone,
  title,
  actionId: "",
  actionState: "",
}));

/** The price list, by currency. */
export const prices = [
  ["prod-001", "SVC-HR", "Service hour", "Services", "19", "usd", 18_000],
  ["prod-002", "INSP-D", "Inspection, day rate", "Services", "8.25", "usd", 94_000],
  ["prod-003", "VALVE-K", "Valve kit", "Parts", "8.25", "usd", 41_250],
  ["prod-001", "SVC-HR", "Service hour", "Services", "19", "eur", 16_500],
].map(([productId, code, name, family, taxRate, currency, unitPrice]) => ({
  productId: String(productId),
  code: String(code),
  name: String(name),
  family: String(family),
  taxRate: String(taxRate),
  currency: String(currency),
  unitPrice: Number(unitPrice),
}));

/** The cards that one customer has saved. */
export const cards = [
  { id: "pm_card_visa", brand: "visa", last4: "4242", expMonth: 8, expYear: 2030 },
  { id: "pm_card_chargeDeclined", brand: "visa", last4: "0002", expMonth: 1, expYear: 2029 },
] as const;

function confirmed(row: Partial<InvoiceRow>): InvoiceRow {
  const amount = row.amount ?? 0;
  const paid = row.paid ?? 0;
  const account = accounts.find((a) => a.id === row.accountId);
  return {
    id: "",
    number: "",
    accountId: "",
    accountName: account?.name ?? "",
    contactId: "",
    description: "",
    amount,
    paid,
    balance: amount - paid,
    currency: "usd",
    status: "draft",
    origin: "confirmed",
    actionId: "",
    actionState: "",
    createdAt: "",
    updatedAt: row.createdAt ?? "",
    dueDate: "",
    version: 1,
    pendingPaid: 0,
    ...row,
  };
}

export const invoices: readonly InvoiceRow[] = [
  confirmed({
    id: "inv-001",
    number: "INV-00001",
    accountId: "acc-001",
    contactId: "con-001",
    amount: 250_000,
    paid: 250_000,
    status: "paid",
    description: "Q4 Platform License",
    createdAt: "2024-10-15T10:30:00Z",
  }),
  confirmed({
    id: "inv-002",
    number: "INV-00002",
    accountId: "acc-002",
    contactId: "con-003",
    amount: 175_000,
    status: "pending",
    description: "Manufacturing Integration Setup",
    createdAt: "2024-11-01T09:00:00Z",
  }),
  confirmed({
    id: "inv-003",
    number: "INV-00003",
    accountId: "acc-003",
    amount: 50_000,
    description: "Consulting Engagement - Phase 1",
    createdAt: "2024-11-10T16:45:00Z",
  }),
];

const noDecimals = ["bif", "clp", "djf", "gnf", "isk", "jpy", "kmf", "krw", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf"];
const twoDecimals = ["aud", "brl", "cad", "chf", "cny", "czk", "dkk", "eur", "gbp", "hkd", "huf", "inr", "mxn", "nok", "nzd", "pln", "sek", "sgd", "thb", "try", "usd", "zar"];
const threeDecimals = ["bhd", "iqd", "jod", "kwd", "lyd", "omr", "tnd"];

export const currencies: readonly { code: string; digits: number }[] = [
  ...noDecimals.map((code) => ({ code, digits: 0 })),
  ...twoDecimals.map((code) => ({ code, digits: 2 })),
  ...threeDecimals.map((code) => ({ code, digits: 3 })),
].sort((a, b) => a.code.localeCompare(b.code));
