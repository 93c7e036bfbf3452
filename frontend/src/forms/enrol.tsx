import { Button, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { BridgeError } from "~/bridge/error";
import { useBridge } from "~/bridge/provider";
import { messageOf } from "~/components/explain";
import { focusFirstError } from "~/components/form/use-form-errors";
import classes from "~/forms/sign-in.module.css";

/** The core says the same of a code as of a password that is not right. */
function refused(cause: unknown): boolean {
  return cause instanceof BridgeError && cause.code === "bad_credentials";
}

/** Makes this device known to the server by a code of the office. Signing in comes after it. */
export function EnrolForm({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const bridge = useBridge();
  const [code, setCode] = useState("");
  const [asked, setAsked] = useState(false);
  const enrol = useMutation({ mutationFn: bridge.enrol.bind(bridge), onSuccess: onDone });

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (code.trim() === "") {
      flushSync(() => setAsked(true));
      focusFirstError(event.currentTarget);
    } else if (!enrol.isPending) {
      enrol.mutate({ code: code.trim() });
    }
  }

  return (
    <form noValidate aria-label={t("enrol.title")} onSubmit={submit} className={classes.form}>
      <p>{t("enrol.lead")}</p>
      <TextInput
        label={t("enrol.code")}
        autoComplete="off"
        autoFocus
        value={code}
        onChange={(e) => setCode(e.currentTarget.value)}
        error={asked && code.trim() === "" ? t("enrol.missing") : undefined}
      />
      <div role="alert" className={classes.refusal}>
        {enrol.error && (refused(enrol.error) ? t("enrol.wrong") : messageOf(t, enrol.error))}
      </div>
      <Button type="submit" fullWidth aria-disabled={enrol.isPending}>
        {t("enrol.act")}
      </Button>
    </form>
  );
}
