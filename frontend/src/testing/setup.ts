import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterEach, beforeEach, vi } from "vitest";
import { startI18n } from "~/locales/i18n";

// What the library asks of a browser and jsdom does not have.
Object.defineProperty(window, "matchMedia", {
  value: (query: string) => ({
    matches: false,
    media: query,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }),
});
class NoResize {
  observe() {}
  unobserve() {}
  disconnect() {}
}
vi.stubGlobal("ResizeObserver", NoResize);
Element.prototype.scrollIntoView = () => undefined;

// A condition is waited for, never a time: this only ends a test that hangs.
configure({
  asyncUtilTimeout: 15_000,
  // The sentence tells enough; the whole page under it hides it.
  getElementError: (message) => new Error(message ?? "element not found"),
});

beforeEach(() => {
  window.localStorage.clear();
  startI18n(["en-US"]);
});
afterEach(cleanup);
