import "@fontsource-variable/inter/wght.css";
import "~/theme/mantine.css";
import "~/theme/tokens.css";
import "~/theme/kiosk.css";
import { createRoot } from "react-dom/client";
import { createHashRouter } from "react-router";
import { App } from "~/app";
import type { Bridge } from "~/bridge/bridge";
import { wailsBridge } from "~/bridge/wails";
import { startI18n } from "~/locales/i18n";
import { routes } from "~/routes";
import { applyContrast, readContrast } from "~/theme/contrast";

async function pickBridge(): Promise<Bridge> {
  if (import.meta.env.MODE !== "memory") return wailsBridge(window as Parameters<typeof wailsBridge>[0]);
  // Left out of real builds: the condition is known when they are made.
  const { demoBridge } = await import("~/bridge/memory/demo");
  return demoBridge(new URLSearchParams(window.location.search));
}

const root = document.getElementById("root");
if (root) {
  startI18n(navigator.languages);
  applyContrast(readContrast());
  const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";
  const bridge = await pickBridge();
  // Hash routes: the same addresses work on wails:// and on the browser host.
  createRoot(root).render(<App bridge={bridge} router={createHashRouter(routes)} nonce={nonce} />);
}
