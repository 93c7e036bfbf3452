import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router";
import { useInvoice } from "~/bridge/queries";
import { changeTyped } from "~/components/form/refill";
import { Mend } from "~/components/mend";
import { QueryView } from "~/components/query-view";
import { useToast } from "~/components/toasts";
import { InvoiceUpdateForm } from "~/forms/invoice-update";
import { Page } from "~/ui/page";

/** The page around the form that changes an invoice. */
export function InvoiceEditPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const toast = useToast();
  const { id = "" } = useParams();
  const detail = useInvoice(id);
  return (
    <Page title={t("invoice.update.title")} below={detail.data?.row.number || detail.data?.row.description}>
      <QueryView query={detail} isEmpty={() => false} empty={null} rows={6}>
        {(d) => (
          <Mend>
            {(replaced) => (
              <InvoiceUpdateForm
                invoice={d.row}
                before={replaced && changeTyped(replaced)}
                onLeave={() => void navigate(-1)}
                onSaved={(saved) => {
                  toast({
                    title: t("saved.change", { number: saved.sequence }),
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
