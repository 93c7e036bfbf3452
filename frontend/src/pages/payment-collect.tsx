import { useTranslation } from "react-i18next";
import { useNavigate, useSearchParams } from "react-router";
import { collectTyped } from "~/components/form/refill";
import { useFormat } from "~/components/format";
import { Mend } from "~/components/mend";
import { useToast } from "~/components/toasts";
import { PaymentCollectForm } from "~/forms/payment-collect";
import { Page } from "~/ui/page";

/** The page around the form that asks for money. */
export function PaymentCollectPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const toast = useToast();
  const format = useFormat();
  const [params] = useSearchParams();
  return (
    <Page title={t("collect.title")} below={t("collect.lead")}>
      <Mend>
        {(replaced) => (
          <PaymentCollectForm
            before={replaced && collectTyped(replaced, format)}
            invoiceId={params.get("invoice") ?? ""}
            onLeave={() => void navigate(-1)}
            onCheckout={(id, invoiceId) => void navigate(`/payments/checkout/${id}?invoice=${invoiceId}`, { replace: true })}
            onSaved={(saved) => {
              toast({
                title: t("saved.collect", { number: saved.sequence }),
                body: t("saved.collectBody"),
                link: { to: `/outbox/${saved.actionId}/receipt`, label: t("saved.show") },
              });
              void navigate(`/invoices/${saved.lane.slice("invoice:".length)}`, { replace: true });
            }}
          />
        )}
      </Mend>
    </Page>
  );
}
