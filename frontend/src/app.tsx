import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { Suspense, useState } from "react";
import { createHashRouter, RouterProvider } from "react-router";
import type { Bridge } from "~/bridge/bridge";
import { BridgeProvider } from "~/bridge/provider";
import { DraftsProvider } from "~/components/drafts";
import { ToastProvider } from "~/components/toasts";
import { routes } from "~/routes";
import { cssVariables, theme } from "~/theme/theme";

const schemes = localStorageColorSchemeManager({ key: "fieldpay.scheme" });

/** The program over a core. `nonce` lets its style elements pass the content policy. */
export function App({ bridge, nonce }: { bridge: Bridge; nonce: string }) {
  // Hash routes: the same addresses work on wails:// and on the browser host.
  const [router] = useState(() => createHashRouter(routes));
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      colorSchemeManager={schemes}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <BridgeProvider bridge={bridge}>
        <DraftsProvider>
          <ToastProvider>
            <Suspense fallback={null}>
              <RouterProvider router={router} />
            </Suspense>
          </ToastProvider>
        </DraftsProvider>
      </BridgeProvider>
    </MantineProvider>
  );
}
