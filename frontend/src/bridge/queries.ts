/** Every question a screen asks, once: its key, and how long an answer holds. */
import { keepPreviousData, queryOptions, useInfiniteQuery, useQuery, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import type { Bridge, CollectForm, InvoiceForm, ListQuery, OutboxFilter, PaymentForm } from "~/bridge/bridge";
import type { ShiftForm } from "~/bridge/dto-shift";
import { useBridge } from "~/bridge/provider";

/** Events carry the news; this only mends a lost event. */
const SAFETY_POLL_MS = 15_000;
const OUTBOX_PAGE = 500;
/** A customer at a counter looks up when the phone says that it is paid. */
const CHECKOUT_POLL_MS = 2_500;

const bootstrapQuery = (bridge: Bridge) =>
  queryOptions({ queryKey: ["bootstrap"], queryFn: () => bridge.bootstrap(), staleTime: Infinity });

export function useBootstrap() {
  return useSuspenseQuery(bootstrapQuery(useBridge())).data;
}

export function useStatus() {
  const bridge = useBridge();
  return useQuery({ queryKey: ["status"], queryFn: () => bridge.status(), refetchInterval: SAFETY_POLL_MS });
}

/** Who may come in, and whether anybody has. */
export function useDoor() {
  const bridge = useBridge();
  return useQuery({ queryKey: ["door"], queryFn: () => bridge.door(), refetchInterval: SAFETY_POLL_MS });
}

export function useKiosk() {
  const bridge = useBridge();
  return useQuery({ queryKey: ["kiosk"], queryFn: () => bridge.kiosk() });
}

/** How the drawer stands. */
export function useShift() {
  const bridge = useBridge();
  return useQuery({ queryKey: ["shift"], queryFn: () => bridge.shift() });
}

/** What closing the shift with these counts would say. */
export function useShiftPreview(form: ShiftForm, enabled: boolean) {
  const bridge = useBridge();
  return useQuery({ queryKey: ["shift-preview", form], queryFn: () => bridge.previewShift(form), placeholderData: keepPreviousData, enabled, gcTime: 0 });
}

const outside = ["door", "status", "bootstrap"];

/** Forgets every answer but those that a locked screen may have. */
export function useForgetAnswers(): () => void {
  const client = useQueryClient();
  return () => client.removeQueries({ predicate: (q) => !outside.includes(String(q.queryKey[0])) });
}

export function useAccounts(query: ListQuery) {
  const bridge = useBridge();
  return useQuery({
    queryKey: ["accounts", query],
    queryFn: () => bridge.accounts(query),
    placeholderData: keepPreviousData,
  });
}

export function useAccount(id: string) {
  const bridge = useBridge();
  return useQuery({ queryKey: ["account", id], queryFn: () => bridge.account(id), enabled: id !== "" });
}

export function useInvoices(query: ListQuery & { accountId: string }) {
  const bridge = useBridge();
  return useQuery({
    queryKey: ["invoices", query],
    queryFn: () => bridge.invoices(query),
    placeholderData: keepPreviousData,
  });
}

export function useInvoice(id: string) {
  const bridge = useBridge();
  return useQuery({ queryKey: ["invoice", id], queryFn: () => bridge.invoice(id), enabled: id !== "" });
}

/** Sums of what is typed. The last form typed wins; the sums before it stay until it answers. */
export function useInvoicePreview(form: InvoiceForm) {
  const bridge = useBridge();
  return useQuery({
    queryKey: ["invoice-preview", form],
    queryFn: () => bridge.previewInvoice(form),
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
}

export function usePaymentPreview(form: PaymentForm) {
  const bridge = useBridge();
  return useQuery({
    queryKey: ["payment-preview", form],
    queryFn: () => bridge.previewPayment(form),
    placeholderData: keepPreviousData,
    enabled: form.invoiceId !== "",
    gcTime: 0,
  });
}

export function useCollectPreview(form: CollectForm) {
  const bridge = useBridge();
  return useQuery({
    queryKey: ["collect-preview", form],
    queryFn: () => bridge.previewCollect(form),
    placeholderData: keepPreviousData,
    enabled: form.invoiceId !== "",
    gcTime: 0,
  });
}

/** The price list of the cache, in one currency. */
export function usePrices(currency: string) {
  const bridge = useBridge();
  return useQuery({ queryKey: ["prices", currency], queryFn: () => bridge.prices(currency) });
}

/** Saved cards of a customer; asks the server where there is a connection. */
export function useCards(accountId: string) {
  const bridge = useBridge();
  return useQuery({ queryKey: ["cards", accountId], queryFn: () => bridge.cards(accountId), enabled: accountId !== "" });
}

/** How far a checkout has come: asked again until it has ended. */
export function useCheckout(id: string) {
  const bridge = useBridge();
  return useQuery({
    queryKey: ["checkout", id],
    queryFn: () => bridge.checkout(id),
    enabled: id !== "",
    refetchInterval: (q) => (q.state.data?.booked || q.state.data?.status === "expired" ? false : CHECKOUT_POLL_MS),
    gcTime: 0,
  });
}

export function useReceipt(id: string) {
  const bridge = useBridge();
  return useQuery({ queryKey: ["receipt", id], queryFn: () => bridge.receipt(id) });
}

export function useConflict(id: string) {
  const bridge = useBridge();
  return useQuery({ queryKey: ["conflict", id], queryFn: () => bridge.conflict(id) });
}

/** Actions, newest first, page by page. */
export function useOutbox(filter: OutboxFilter, limit = OUTBOX_PAGE) {
  const bridge = useBridge();
  return useInfiniteQuery({
    queryKey: ["outbox", filter, limit],
    queryFn: ({ pageParam }) => bridge.outbox({ filter, before: pageParam, limit }),
    initialPageParam: 0,
    getNextPageParam: (page) => (page.next > 0 ? page.next : undefined),
  });
}

export function useAction(id: string) {
  const bridge = useBridge();
  return useQuery({ queryKey: ["action", id], queryFn: () => bridge.actionDetail(id) });
}

export function useDiagnostics() {
  const bridge = useBridge();
  return useQuery({
    queryKey: ["diagnostics"],
    queryFn: () => bridge.diagnostics(),
    refetchInterval: SAFETY_POLL_MS,
  });
}
