import { useTranslation } from "react-i18next";
import { useNavigate, useSearchParams } from "react-router";
import { paymentTyped } from "~/components/form/refill";
import { useFormat } from "~/components/format";
import { Mend } from "~/components/mend";
import { useToast } from "~/components/toasts";
import { PaymentRecordForm } from "~/forms/payment-record";
import { Page } from "~/ui/page";

/** The page around the form of a payment. */
export function PaymentNewPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const toast = useToast();
  const format = useFormat();
  const [params] = useSearchParams();
  return (
    <Page title={t("payment.title")} below={t("payment.lead")}>
      <Mend>
        {(replaced) => (
          <PaymentRecordForm
            before={replaced && paymentTyped(replaced, format)}
            invoiceId={params.get("invoice") ?? ""}
            onLeave={() => void navigate(-1)}
            onSaved={(saved) => {
              toast({
                title: t("saved.payment", { number: saved.sequence }),
                body: t("saved.body"),
                link: { to: `/outbox/${saved.actionId}/receipt`, label: t("saved.show") },
              });
              const lane = saved.lane.startsWith("invoice:") ? `/invoices/${saved.lane.slice("invoice:".length)}` : `/outbox/${saved.actionId}`;
              void navigate(lane, { replace: true });
            }}
          />
        )}
      </Mend>
    </Page>
  );
}
