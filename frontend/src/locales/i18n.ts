import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import de from "~/locales/de.json";
import en from "~/locales/en.json";
import { keepSetting, readSetting } from "~/util/settings";

/** The languages, under their own names. */
export const languages = [
  { code: "en", name: "English" },
  { code: "de", name: "Deutsch" },
] as const;

const codes = languages.map((l) => l.code);

/** Loads the words: the language chosen before, else the system's, else English. */
export function startI18n(preferred: readonly string[]): typeof i18next {
  const system = preferred.map(known).find((c) => c !== undefined);
  const language = readSetting("language", codes, system ?? "en");
  void i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: "en",
    resources: { en: { translation: en }, de: { translation: de } },
    // React escapes what it draws.
    interpolation: { escapeValue: false },
    returnNull: false,
    initAsync: false,
  });
  document.documentElement.lang = language;
  return i18next;
}

/** Changes the language, now and for the next start. */
export function keepLanguage(code: string): void {
  keepSetting("language", code);
  speak(code);
}

/** Speaks the language of a BCP 47 tag for as long as the program runs; one without words here changes nothing. */
export function speakAs(tag: string): void {
  const code = known(tag);
  if (code !== undefined) speak(code);
}

function known(tag: string): string | undefined {
  return codes.find((c) => tag.toLowerCase().split("-")[0] === c);
}

function speak(code: string): void {
  document.documentElement.lang = code;
  void i18next.changeLanguage(code);
}
