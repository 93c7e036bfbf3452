import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { useBridge } from "~/bridge/provider";
import { messageOf } from "~/components/explain";
import { type Typed, useScanner } from "~/components/scan";
import { useToast } from "~/components/toasts";
import { looksLikeRecord } from "~/util/scan";

/** Opens the customer or the invoice whose code is scanned, wherever one is. */
export function Scanner() {
  const { t } = useTranslation();
  const bridge = useBridge();
  const navigate = useNavigate();
  const toast = useToast();

  async function find(code: string, typed: Typed) {
    try {
      const found = await bridge.scan(code);
      if (found.kind === "") {
        toast({ title: t("scan.unknown", { code }), body: t("scan.unknownHint") });
        return;
      }
      typed.undo();
      await navigate(found.kind === "invoice" ? `/invoices/${found.id}` : `/customers/${found.id}`);
    } catch (cause) {
      toast({ title: messageOf(t, cause) });
    }
  }

  useScanner({
    takes: (code, field) => field.dataset["scan"] !== "field" && looksLikeRecord(code),
    onScan: (code, typed) => void find(code, typed),
  });
  return null;
}
