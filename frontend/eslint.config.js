import tseslint from "typescript-eslint";

// The import arrows: ui → components → forms → pages → routes. Each folder
// lists what it may not see, and why.
const zones = {
  util: { banned: ["bridge", "ui", "components", "forms", "pages"], why: "util is pure: no screen, no core" },
  ui: { banned: ["bridge", "components", "forms", "pages"], why: "ui knows nothing of FieldPay" },
  bridge: { banned: ["ui", "components", "forms", "pages"], why: "the bridge serves screens, it does not know them" },
  components: { banned: ["forms", "pages"], why: "components are shared by forms and pages" },
  forms: { banned: ["pages"], why: "a page opens a form, never the other way round" },
};

const noMemoryTwin = {
  group: ["~/bridge/memory/*"],
  message: "the in-memory twin is for development and tests; production code sees the interface",
};
const noBindings = { group: ["**/wailsjs/**"], message: "only src/bridge/wails.ts talks to the bindings" };

export default tseslint.config(
  { ignores: ["dist", "node_modules", "wailsjs"] },
  {
    files: ["src/**/*.{ts,tsx}"],
    extends: [...tseslint.configs.recommended],
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/ban-ts-comment": ["error", { "ts-expect-error": true, "ts-ignore": true }],
      "max-lines": ["error", 300],
      "no-console": "error",
      "no-restricted-syntax": [
        "error",
        { selector: "ExportDefaultDeclaration", message: "named exports only" },
        { selector: "ExportAllDeclaration", message: "no barrels" },
      ],
      "no-restricted-imports": ["error", { patterns: [noMemoryTwin, noBindings] }],
    },
  },
  ...Object.entries(zones).map(([folder, { banned, why }]) => ({
    files: [`src/${folder}/**/*.{ts,tsx}`],
    ignores: ["src/**/*.test.{ts,tsx}", "src/bridge/memory/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            noMemoryTwin,
            noBindings,
            { group: banned.flatMap((b) => [`~/${b}/*`, `~/${b}/**`, `../${b}/*`, `../../${b}/*`]), message: why },
          ],
        },
      ],
    },
  })),
  {
    files: ["src/**/*.test.{ts,tsx}", "src/testing/**", "src/main.tsx", "src/bridge/memory/**"],
    rules: { "no-restricted-imports": "off" },
  },
);
