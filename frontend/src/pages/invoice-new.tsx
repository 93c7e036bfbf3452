import { useTranslation } from "react-i18next";
import { useNavigate, useSearchParams } from "react-router";
import { invoiceTyped } from "~/components/form/refill";
import { useFormat } from "~/components/format";
import { Mend } from "~/components/mend";
import { useToast } from "~/components/toasts";
import { InvoiceCreateForm } from "~/forms/invoice-create";
import { Page } from "~/ui/page";

/** The page around the form of a new invoice. */
export function InvoiceNewPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const toast = useToast();
  const format = useFormat();
  const [params] = useSearchParams();
  return (
    <Page title={t("invoice.create.title")} below={t("form.kept")}>
      <Mend>
        {(replaced) => (
          <InvoiceCreateForm
            before={replaced && invoiceTyped(replaced, format)}
            accountId={params.get("customer") ?? ""}
            onLeave={() => void navigate(-1)}
            onSaved={(saved) => {
              toast({
                title: t("saved.invoice", { number: saved.sequence }),
                body: t("saved.body"),
                link: { to: `/outbox/${saved.actionId}/receipt`, label: t("saved.show") },
              });
              void navigate(`/invoices/${saved.recordId}`, { replace: true });
            }}
          />
        )}
      </Mend>
    </Page>
  );
}
