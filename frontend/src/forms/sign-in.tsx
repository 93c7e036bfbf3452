import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import * as z from "zod";
import { BridgeError } from "~/bridge/error";
import { useBridge } from "~/bridge/provider";
import { messageOf } from "~/components/explain";
import { focusFirstError } from "~/components/form/use-form-errors";
import classes from "~/forms/sign-in.module.css";

const credentials = z.object({ username: z.string().trim().min(1), password: z.string().min(1) });

/** Who is here. Work that waits on this device is untouched by signing in. */
export function SignInForm({ username: known, onDone, onUnknown }: { username: string; onDone: () => void; onUnknown?: () => void }) {
  const { t } = useTranslation();
  const bridge = useBridge();
  const [username, setUsername] = useState(known);
  const [password, setPassword] = useState("");
  const [asked, setAsked] = useState(false);
  const signIn = useMutation({
    mutationFn: bridge.signIn.bind(bridge),
    onSuccess: onDone,
    onError: (e) => {
      if (e instanceof BridgeError && e.code === "enrolment_needed") onUnknown?.();
    },
  });

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const read = credentials.safeParse({ username, password });
    if (!read.success) {
      flushSync(() => setAsked(true));
      focusFirstError(event.currentTarget);
    } else if (!signIn.isPending) {
      signIn.mutate(read.data);
    }
  }

  return (
    <form noValidate aria-label={t("signIn.title")} onSubmit={submit} className={classes.form}>
      <TextInput
        label={t("signIn.username")}
        type="email"
        autoComplete="username"
        value={username}
        onChange={(e) => setUsername(e.currentTarget.value)}
        error={asked && username.trim() === "" ? t("signIn.usernameMissing") : undefined}
        autoFocus={known === ""}
      />
      <PasswordInput
        label={t("signIn.password")}
        autoComplete="current-password"
        value={password}
        onChange={(e) => setPassword(e.currentTarget.value)}
        error={asked && password === "" ? t("signIn.passwordMissing") : undefined}
        autoFocus={known !== ""}
        visibilityToggleButtonProps={{ "aria-label": t("signIn.show"), tabIndex: 0 }}
      />
      <div role="alert" className={classes.refusal}>
        {signIn.error && messageOf(t, signIn.error)}
      </div>
      <Button type="submit" fullWidth aria-disabled={signIn.isPending}>
        {signIn.isPending ? t("signIn.going") : t("signIn.act")}
      </Button>
    </form>
  );
}
