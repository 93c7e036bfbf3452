import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import de from "~/locales/de.json";
import en from "~/locales/en.json";

type Words = { [key: string]: string | Words };

function keysOf(words: Words, prefix = ""): string[] {
  return Object.entries(words).flatMap(([k, v]) => (typeof v === "string" ? [prefix + k] : keysOf(v, `${prefix}${k}.`)));
}

function textAt(words: Words, key: string): string {
  const found = key.split(".").reduce<string | Words | undefined>((w, k) => (typeof w === "object" ? w[k] : undefined), words);
  return typeof found === "string" ? found : "";
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((f) => f.isFile() && /\.tsx?$/.test(f.name) && !f.name.includes(".test."))
    .map((f) => readFileSync(join(f.parentPath, f.name), "utf8"));
}

/** Every key that the source names: whole, or with a part that is filled in. */
function usedPatterns(): RegExp[] {
  const text = sources("src").join("\n");
  const keys = [...text.matchAll(/\bt\(\s*["`]([^"`]+)["`]/g), ...text.matchAll(/known\(t, `([^`]+)`\)/g)];
  return [...new Set(keys.map((m) => m[1] ?? ""))].map(
    (k) => new RegExp(`^${k.replaceAll(".", "\\.").replace(/\$\{[^}]*\}/g, "[^.]+")}$`),
  );
}

const base = (key: string) => key.replace(/_(zero|one|other)$/, "");
const holes = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((m) => m[1]).sort();

describe("the words", () => {
  it("stand in every language under the same keys", () => {
    expect(keysOf(de)).toEqual(keysOf(en));
  });

  it("leave the same holes in every language", () => {
    for (const key of keysOf(en)) expect([key, holes(textAt(de, key))]).toEqual([key, holes(textAt(en, key))]);
  });

  it("are all used", () => {
    const patterns = usedPatterns();
    expect(keysOf(en).filter((k) => !patterns.some((p) => p.test(base(k)) || p.test(k)))).toEqual([]);
  });

  it("never shout", () => {
    expect([...keysOf(en).map((k) => textAt(en, k)), ...keysOf(de).map((k) => textAt(de, k))].filter((w) => w.includes("!"))).toEqual([]);
  });
});
