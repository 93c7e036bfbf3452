/** The catalogue of reasons, as the core has it: why something stands still, and what helps. */
import entries from "../../../action/reasons.json";

/** Who can do something about it. */
export type Owner = "you" | "office" | "it";

interface Entry {
  owner: string;
  /** The screen where it is done. */
  link: string;
  en: { sentence: string; fix: string };
  de: { sentence: string; fix: string };
}

/** What a person reads about one code. */
export interface Reason {
  code: string;
  owner: Owner;
  link: string;
  sentence: string;
  fix: string;
}

const owners: readonly Owner[] = ["you", "office", "it"];
const catalogue = new Map<string, Entry>(Object.entries(entries));

/** What the catalogue says about a code; undefined for one that it does not know. */
export function adviceOn(code: string, language: string): Reason | undefined {
  const entry = catalogue.get(code);
  if (entry === undefined) return undefined;
  const { sentence, fix } = language.startsWith("de") ? entry.de : entry.en;
  return { code, owner: owners.find((o) => o === entry.owner) ?? "it", link: entry.link, sentence, fix };
}

/** Every reason whose code or words have all the words that are looked for. */
export function searchReasons(search: string, language: string): Reason[] {
  const words = search.toLowerCase().split(/\s+/).filter((w) => w !== "");
  return [...catalogue.keys()]
    .flatMap((code) => adviceOn(code, language) ?? [])
    .filter((r) => {
      const text = `${r.code} ${r.sentence} ${r.fix}`.toLowerCase();
      return words.every((w) => text.includes(w));
    });
}
