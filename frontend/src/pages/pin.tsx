import { useDocumentTitle } from "@mantine/hooks";
import { useTranslation } from "react-i18next";
import type { DoorDTO } from "~/bridge/dto-door";
import { useStatus } from "~/bridge/queries";
import { PinSetForm } from "~/forms/pin-set";
import classes from "~/pages/sign-in.module.css";

/** Where a PIN is required, it is set before anything else. */
export function PinPage({ door }: { door: DoorDTO }) {
  const { t } = useTranslation();
  const person = useStatus().data?.person;
  useDocumentTitle(`${t("pin.title")} · FieldPay`);
  return (
    <main className={classes.page}>
      <div className={classes.card}>
        <p className={classes.brand}>FieldPay</p>
        <h1 className={classes.title}>{t("pin.title")}</h1>
        <p className={classes.lead}>{t("pin.lead", { name: person?.name ?? "" })}</p>
        <PinSetForm door={door} onDone={() => undefined} />
      </div>
    </main>
  );
}
