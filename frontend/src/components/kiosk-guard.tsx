import { useEffect } from "react";

/** Keys that lead out of a page, or change how it is shown. */
function leadsOut(e: KeyboardEvent): boolean {
  const key = e.key.toLowerCase();
  if (/^f([1-9]|1[0-2])$/.test(key) || key === "contextmenu" || key.startsWith("browser")) return true;
  if (e.altKey && ["arrowleft", "arrowright", "home", "f4", "d"].includes(key)) return true;
  if (!e.ctrlKey && !e.metaKey) return false;
  if (e.shiftKey) return ["i", "j", "c", "n", "t", "p", "delete", "r"].includes(key);
  return ["p", "s", "o", "u", "w", "t", "n", "r", "q", "h", "j", "l", "d", "g", "f", "+", "-", "=", "0", "tab"].includes(key);
}

function stop(event: Event) {
  event.preventDefault();
}

function onKey(event: KeyboardEvent) {
  if (leadsOut(event)) {
    stop(event);
    event.stopImmediatePropagation();
  }
}

function onWheel(event: WheelEvent) {
  if (event.ctrlKey) stop(event);
}

/** Only addresses of the screens themselves are followed. */
function onClick(event: MouseEvent) {
  const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
  if (link && !link.getAttribute("href")?.startsWith("#") && !link.getAttribute("href")?.startsWith("/")) stop(event);
}

const guards: readonly (readonly [string, (event: never) => void])[] = [
  ["contextmenu", stop],
  ["dragstart", stop],
  ["dragover", stop],
  ["drop", stop],
  ["gesturestart", stop],
  ["keydown", onKey],
  ["wheel", onWheel],
  ["click", onClick],
  ["auxclick", onClick],
];

/** Keeps a person inside the page of a kiosk, as far as a page can. */
export function KioskGuard() {
  useEffect(() => {
    const options = { capture: true, passive: false };
    for (const [name, guard] of guards) window.addEventListener(name, guard as EventListener, options);
    document.documentElement.toggleAttribute("data-kiosk", true);
    return () => {
      for (const [name, guard] of guards) window.removeEventListener(name, guard as EventListener, options);
      document.documentElement.toggleAttribute("data-kiosk", false);
    };
  }, []);
  return null;
}
