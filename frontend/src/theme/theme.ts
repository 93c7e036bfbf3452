/** The one place where the tokens meet the component library. */
import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";

const ink: MantineColorsTuple = [
  "#edf1fa",
  "#d5def3",
  "#b3c3ea",
  "#a3b9f2",
  "#6f8cd4",
  "#4466b8",
  "#2a4b9b",
  "#213d82",
  "#1a3068",
  "#13244f",
];

// The library's own greys, in the tone of our paper and ink.
const paper: MantineColorsTuple = [
  "#faf9f6",
  "#f3f1ec",
  "#eceae3",
  "#e5e2da",
  "#928d82",
  "#7f7a70",
  "#6b675e",
  "#514e47",
  "#343129",
  "#1b1a17",
];

const night: MantineColorsTuple = [
  "#edeae3",
  "#d3cec3",
  "#bdb8ad",
  "#9c968a",
  "#7d786e",
  "#34312c",
  "#1e1d1a",
  "#161513",
  "#121110",
  "#0c0b0a",
];

export const theme = createTheme({
  primaryColor: "ink",
  primaryShade: { light: 6, dark: 3 },
  colors: { ink, gray: paper, dark: night },
  autoContrast: true,
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontSizes: { xs: "12px", sm: "14px", md: "14px", lg: "16px", xl: "20px" },
  lineHeights: { xs: "1.35", sm: "1.4", md: "1.45", lg: "1.45", xl: "1.4" },
  headings: { fontFamily: "'Inter Variable', system-ui, sans-serif", fontWeight: "600" },
  defaultRadius: 8,
  respectReducedMotion: true,
  cursorType: "pointer",
  focusRing: "auto",
  components: {
    // The page scrolls inside the shell, so nothing has to be locked, and no
    // style element appears that the content policy would have to allow.
    Modal: { defaultProps: { lockScroll: false, centered: true, transitionProps: { duration: 120 } } },
    Input: { defaultProps: { size: "sm" } },
    InputWrapper: { defaultProps: { size: "sm", inputWrapperOrder: ["label", "input", "description", "error"] } },
    // The variant is named so that the tokens can find it.
    Button: { defaultProps: { size: "sm", variant: "filled" } },
    Tooltip: { defaultProps: { openDelay: 350, withArrow: true } },
    Menu: { defaultProps: { shadow: "md", transitionProps: { duration: 100 } } },
  },
});

// Mantine writes its colours once per scheme; ours follow the tokens in both.
const fromTokens = {
  "--mantine-color-body": "var(--fp-paper)",
  "--mantine-color-text": "var(--fp-ink)",
  "--mantine-color-dimmed": "var(--fp-ink-3)",
  "--mantine-color-placeholder": "var(--fp-ink-3)",
  "--mantine-color-default": "var(--fp-surface)",
  "--mantine-color-default-hover": "var(--fp-hover)",
  "--mantine-color-default-color": "var(--fp-ink)",
  "--mantine-color-default-border": "var(--fp-line)",
  "--mantine-color-error": "var(--fp-attention)",
  "--mantine-color-anchor": "var(--fp-accent)",
  "--mantine-primary-color-filled": "var(--fp-accent)",
  "--mantine-primary-color-filled-hover": "var(--fp-accent-hover)",
  "--mantine-primary-color-contrast": "var(--fp-on-accent)",
  "--mantine-color-ink-light-color": "var(--fp-accent)",
  "--mantine-color-ink-filled": "var(--fp-accent)",
  "--mantine-color-ink-filled-hover": "var(--fp-accent-hover)",
};

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {
    "--mantine-shadow-md": "var(--fp-shadow)",
    "--mantine-shadow-xs": "none",
    "--mantine-shadow-sm": "none",
  },
  light: fromTokens,
  dark: fromTokens,
});
