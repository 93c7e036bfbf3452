import { useTranslation } from "react-i18next";
import { useBootstrap } from "~/bridge/queries";
import { formatMinor, typedMinor } from "~/util/money";

/** The notation of numbers and dates: the person's own, where it fits the language. */
export function numberLocale(language: string, preferred: readonly string[]): string {
  return preferred.find((l) => l.toLowerCase().startsWith(language.toLowerCase())) ?? language;
}

/** Writes money and tells the locale by which the core must read what is typed. */
export function useFormat() {
  const { i18n } = useTranslation();
  const { currencies } = useBootstrap();
  const locale = numberLocale(i18n.language, navigator.languages);
  const digitsOf = (currency: string) => currencies.find((c) => c.code === currency)?.digits ?? 2;
  return {
    locale,
    digitsOf,
    amount: (minor: number, currency: string) => formatMinor(minor, digitsOf(currency), locale),
    /** For sentences: "1,250.00 USD". */
    money: (minor: number, currency: string) =>
      `${formatMinor(minor, digitsOf(currency), locale)}\u00a0${currency.toUpperCase()}`,
    /** For a field: as the person would type it. */
    typed: (minor: number, currency: string) => typedMinor(minor, digitsOf(currency), locale),
  };
}
