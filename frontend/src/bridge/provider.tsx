import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import type { Bridge, Topic } from "~/bridge/bridge";

const BridgeContext = createContext<Bridge | null>(null);

/** The core, for event handlers and queries. */
export function useBridge(): Bridge {
  const bridge = useContext(BridgeContext);
  if (!bridge) throw new Error("useBridge stands outside BridgeProvider");
  return bridge;
}

/** Which answers a change makes stale; the first word of a query key is its subject. */
const staleBy: Record<Topic, readonly string[]> = {
  status: ["status", "diagnostics"],
  outbox: ["shift", "shift-preview", "status", "diagnostics", "outbox", "action", "invoices", "invoice", "account", "accounts", "receipt", "conflict", "payment-preview", "collect-preview"],
  reference: ["conflict", "prices", "collect-preview", "accounts", "account", "invoices", "invoice", "invoice-preview", "payment-preview"],
  session: ["door", "status", "bootstrap", "diagnostics", "accounts", "invoices"],
};

function newClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      // The core is in the same process: it answers at once, or a second try would not help.
      queries: { retry: false, refetchOnWindowFocus: false, networkMode: "always", staleTime: 5_000 },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}

/** Gives the tree its core, and makes answers stale when the core says so. */
export function BridgeProvider({ bridge, children }: { bridge: Bridge; children: ReactNode }) {
  const [client] = useState(newClient);
  useEffect(
    () =>
      bridge.subscribe((topic) => {
        void client.invalidateQueries({ predicate: (q) => staleBy[topic].includes(String(q.queryKey[0])) });
      }),
    [bridge, client],
  );
  return (
    <BridgeContext.Provider value={bridge}>
      <QueryClientProvider client={client}>{children}</QueryClientProvider>
    </BridgeContext.Provider>
  );
}
