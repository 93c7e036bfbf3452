import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

// The dev server injects inline modules that the strict policy of index.html
// forbids; the policy stands in everything that is built.
const withoutPolicyInDev: Plugin = {
  name: "fieldpay-no-csp-in-dev",
  apply: "serve",
  transformIndexHtml: (html) => html.replace(/<meta\s+http-equiv="Content-Security-Policy"[^>]*>/, ""),
};

export default defineConfig({
  // Relative addresses: the same files are served by wails:// and by http://.
  base: "./",
  plugins: [react(), withoutPolicyInDev],
  resolve: { alias: { "~": fileURLToPath(new URL("./src", import.meta.url)) } },
  // The catalogue of reasons lies with the domain, one folder up.
  server: { fs: { allow: [".."] } },
  build: {
    target: "safari16",
    // font-src and script-src are 'self': nothing may become a data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    emptyOutDir: true,
    rolldownOptions: {
      output: {
        // What changes with every version stands apart from what hardly does.
        codeSplitting: {
          groups: [
            { name: "react", test: /node_modules\/(react|react-dom|react-router|scheduler)\// },
            { name: "mantine", test: /node_modules\/(@mantine|@floating-ui|@tabler)\// },
            { name: "library", test: /node_modules\// },
          ],
        },
      },
    },
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["./src/testing/setup.ts"],
    css: false,
    testTimeout: 60_000,
    restoreMocks: true,
  },
});
