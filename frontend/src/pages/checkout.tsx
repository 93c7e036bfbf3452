import { useTranslation } from "react-i18next";
import { Link, useParams, useSearchParams } from "react-router";
import { useInvoice } from "~/bridge/queries";
import { Checkout } from "~/components/checkout";
import { Page } from "~/ui/page";

/** Where a card payment online is watched. */
export function CheckoutPage() {
  const { t } = useTranslation();
  const { id = "" } = useParams();
  const [params] = useSearchParams();
  const invoiceId = params.get("invoice") ?? "";
  const invoice = useInvoice(invoiceId).data?.row;
  return (
    <Page
      title={t("checkout.title")}
      above={<Link to={`/invoices/${invoiceId}`}>{invoice?.number || invoice?.description || t("invoice.one")}</Link>}
      below={invoice?.accountName}
    >
      <Checkout id={id} invoiceId={invoiceId} />
    </Page>
  );
}
