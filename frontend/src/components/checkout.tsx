import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { CheckoutDTO } from "~/bridge/dto-pay";
import { useCheckout } from "~/bridge/queries";
import classes from "~/components/checkout.module.css";
import { messageOf } from "~/components/explain";
import { QueryView } from "~/components/query-view";
import { Panel } from "~/ui/panel";

/** A card payment at Stripe's own page, watched while the customer pays. */
export function Checkout({ id, invoiceId }: { id: string; invoiceId: string }) {
  const checkout = useCheckout(id);
  return (
    <QueryView query={checkout} isEmpty={() => false} empty={null} rows={3}>
      {(page) => <Standing page={page} invoiceId={invoiceId} trouble={checkout.isRefetchError ? checkout.error : null} />}
    </QueryView>
  );
}

function standingOf(page: CheckoutDTO): "open" | "paid" | "booked" | "expired" {
  return page.booked ? "booked" : page.status;
}

function Standing({ page, invoiceId, trouble }: { page: CheckoutDTO; invoiceId: string; trouble: unknown }) {
  const { t } = useTranslation();
  const standing = standingOf(page);
  return (
    <Panel title={t(`checkout.${standing}.title`)} {...(standing === "expired" ? { tone: "attention" as const } : {})}>
      <p role="status" className={classes.text}>
        {t(`checkout.${standing}.body`)}
      </p>
      {trouble !== null && <p className={classes.text}>{t("checkout.trouble", { reason: messageOf(t, trouble) })}</p>}
      <div className={classes.acts}>
        {standing === "open" && page.url !== "" && (
          <Button component="a" href={page.url} target="_blank" rel="noopener noreferrer">
            {t("checkout.show")}
          </Button>
        )}
        {standing === "expired" && (
          <Button component={Link} to={`/payments/collect?invoice=${invoiceId}`}>
            {t("checkout.again")}
          </Button>
        )}
        <Button component={Link} to={`/invoices/${invoiceId}`} variant={standing === "booked" ? "filled" : "default"}>
          {t("checkout.invoice")}
        </Button>
      </div>
    </Panel>
  );
}
