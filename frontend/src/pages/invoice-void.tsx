import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router";
import { useInvoice } from "~/bridge/queries";
import { voidTyped } from "~/components/form/refill";
import { Mend } from "~/components/mend";
import { QueryView } from "~/components/query-view";
import { useToast } from "~/components/toasts";
import { InvoiceVoidForm } from "~/forms/invoice-void";
import { Page } from "~/ui/page";

/** The page around the form that takes an invoice out of use. */
export function InvoiceVoidPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const toast = useToast();
  const { id = "" } = useParams();
  const detail = useInvoice(id);
  return (
    <Page title={t("void.title")} below={detail.data?.row.number || detail.data?.row.description}>
      <QueryView query={detail} isEmpty={() => false} empty={null} rows={4}>
        {(d) => (
          <Mend>
            {(replaced) => (
              <InvoiceVoidForm
                invoice={d.row}
                before={replaced && voidTyped(replaced)}
                onLeave={() => void navigate(-1)}
                onSaved={(saved) => {
                  toast({
                    title: t("saved.void", { number: saved.sequence }),
                    body: t("saved.body"),
                    link: { to: `/outbox/${saved.actionId}`, label: t("saved.entry") },
                  });
                  void navigate(`/invoices/${id}`, { replace: true });
                }}
              />
            )}
          </Mend>
        )}
      </QueryView>
    </Page>
  );
}
