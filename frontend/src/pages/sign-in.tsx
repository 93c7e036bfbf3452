import { useDocumentTitle } from "@mantine/hooks";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { useBootstrap, useStatus } from "~/bridge/queries";
import { EnrolForm } from "~/forms/enrol";
import { SignInForm } from "~/forms/sign-in";
import classes from "~/pages/sign-in.module.css";

/** The door. */
export function SignInPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [unknown, setUnknown] = useState(false);
  const { version, environment, bffUrl, person } = useBootstrap();
  const unsent = useStatus().data?.unsent.count ?? 0;
  useDocumentTitle(`${t("signIn.title")} · FieldPay`);
  return (
    <main className={classes.page}>
      <div className={classes.card}>
        <p className={classes.brand}>FieldPay</p>
        <h1 className={classes.title}>{t("signIn.title")}</h1>
        <p className={classes.lead}>{unsent > 0 ? t("signIn.kept", { count: unsent }) : t("signIn.lead")}</p>
        {unknown ? (
          <EnrolForm onDone={() => setUnknown(false)} />
        ) : (
          <SignInForm username={person.email} onUnknown={() => setUnknown(true)} onDone={() => void navigate("/", { replace: true })} />
        )}
        <p className={classes.foot}>
          {t("signIn.server", { url: bffUrl })}
          <br />
          {t("signIn.version", { version, environment })}
        </p>
      </div>
    </main>
  );
}
