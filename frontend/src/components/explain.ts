import i18next from "i18next";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import type { ActionRow } from "~/bridge/dto";
import { BridgeError } from "~/bridge/error";
import { useFormat } from "~/components/format";
import { adviceOn } from "~/locales/reasons";
import { sinceTime } from "~/util/time";

function known(t: TFunction, key: string): string {
  const text: string = t(key, { defaultValue: "" });
  return text;
}

/** The sentence for a code in the person's language; the core's own words for one we do not know. */
export function reasonOf(t: TFunction, code: string, otherwise: string): string {
  if (code === "") return sentence(otherwise);
  return adviceOn(code, i18next.language)?.sentence || known(t, `code.${code}`) || sentence(otherwise) || (adviceOn("internal", i18next.language)?.sentence ?? "");
}

function sentence(text: string): string {
  const trimmed = text.trim();
  return trimmed === "" || /[.:]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

/** What an error says to a person: the core's refusal, or that something of ours broke. */
export function messageOf(t: TFunction, cause: unknown): string {
  const error = BridgeError.from(cause);
  return reasonOf(t, error.code, error.message);
}

/** The core's word about one field, in the person's language where we have it. */
export function fieldMessage(t: TFunction, message: string): string {
  const key = message.toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^_|_$/g, "").slice(0, 60);
  const bare = /^not_a_number/.test(key) ? "not_a_number" : key;
  const own = known(t, `field.${bare}`);
  if (own) return own;
  return message.charAt(0).toUpperCase() + sentence(message).slice(1);
}

/** What a field of a payload is called on screen; "" for one that no form has. */
export function fieldName(t: TFunction, path: string): string {
  const line = /^lines\[(\d+)\]\.(description|quantity|unitPrice|discount|taxRate)$/.exec(path);
  if (line) return `${t("line.nth", { n: Number(line[1]) + 1 })}, ${known(t, `line.${line[2]}`)}`;
  const names: Record<string, string> = {
    accountId: t("form.customer"),
    contactId: t("form.contact"),
    invoiceId: t("payment.invoice"),
    cardId: t("collect.card"),
    lastName: t("contact.lastName"),
    email: t("contact.email"),
    reason: t("void.reason"),
    currency: t("form.currency"),
    dueDate: t("form.dueDate"),
    amount: t("invoice.amount"),
    description: t("invoice.description"),
    notes: t("form.notes"),
    note: t("form.note"),
  };
  return names[path] ?? "";
}

/** Why an action stands where it stands, and what happens next. */
export function useStateSentence() {
  const { t } = useTranslation();
  const { locale } = useFormat();
  return (row: ActionRow): string => {
    const now = new Date();
    const time = sinceTime(row.state === "waiting" ? row.nextAt : row.since, locale, now);
    switch (row.state) {
      case "applied":
        if (row.result === "requested") return t("state.applied.requested", { time });
        // A payment's or a visit's invoice is not what it became in Salesforce.
        return row.invoiceNumber === "" || !row.type.endsWith("_invoice")
          ? t("state.applied.bare", { time })
          : t("state.applied.sentence", { number: row.invoiceNumber, time });
      case "waiting":
        return `${reasonOf(t, row.code, row.reason)} ${t("state.waiting.sentence", { time })}`;
      case "review":
      case "failed":
        return reasonOf(t, row.code, row.reason);
      case "discarded":
        return t("state.discarded.sentence", { time, reason: row.reason });
      default:
        return t(`state.${row.state}.sentence`, { time });
    }
  };
}
