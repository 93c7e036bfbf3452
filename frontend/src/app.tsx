import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { Suspense } from "react";
import { type createHashRouter, RouterProvider } from "react-router";
import type { Bridge } from "~/bridge/bridge";
import { BridgeProvider } from "~/bridge/provider";
import { KeysProvider } from "~/components/keys";
import { ToastProvider } from "~/components/toasts";
import { cssVariables, theme } from "~/theme/theme";

const schemes = localStorageColorSchemeManager({ key: "fieldpay.scheme" });

/** The program over a core. */
export function App(props: {
  bridge: Bridge;
  router: ReturnType<typeof createHashRouter>;
  /** Lets the theme's style elements pass the content policy. */
  nonce: string;
  /** "test" leaves out motion, so that what is asked for is there at once. */
  env?: "default" | "test";
}) {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      colorSchemeManager={schemes}
      defaultColorScheme="auto"
      getStyleNonce={() => props.nonce}
      env={props.env ?? "default"}
    >
      <BridgeProvider bridge={props.bridge}>
        <KeysProvider>
          <ToastProvider>
            <Suspense fallback={null}>
              <RouterProvider router={props.router} />
            </Suspense>
          </ToastProvider>
        </KeysProvider>
      </BridgeProvider>
    </MantineProvider>
  );
}
