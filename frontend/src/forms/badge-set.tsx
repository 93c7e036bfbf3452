import { Button, Group, PasswordInput, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { BridgeError } from "~/bridge/error";
import { useBridge } from "~/bridge/provider";
import { fieldMessage, messageOf } from "~/components/explain";
import classes from "~/forms/sign-in.module.css";

const empty = { code: "", pin: "" };

/** A badge for whoever is here: its code is scanned into the field, or typed. */
export function BadgeSetForm({ has, onDone }: { has: boolean; onDone: () => void }) {
  const { t } = useTranslation();
  const bridge = useBridge();
  const [typed, setTyped] = useState(empty);
  const set = useMutation({
    mutationFn: (code: string) => bridge.setBadge({ code, pin: typed.pin }),
    onSuccess: () => {
      setTyped(empty);
      onDone();
    },
  });
  const refused = set.error ? BridgeError.from(set.error).fields.badge : undefined;

  function submit(event: FormEvent) {
    event.preventDefault();
    if (typed.code !== "" && typed.pin !== "" && !set.isPending) set.mutate(typed.code);
  }

  return (
    <form noValidate aria-label={t("badge.title")} onSubmit={submit} className={classes.form}>
      <TextInput
        label={t("badge.code")}
        description={t("badge.hint")}
        value={typed.code}
        onChange={(e) => setTyped({ ...typed, code: e.currentTarget.value })}
        error={refused === undefined ? undefined : fieldMessage(t, refused)}
        autoComplete="off"
        data-scan="field"
      />
      <PasswordInput
        label={t("badge.pin")}
        value={typed.pin}
        onChange={(e) => setTyped({ ...typed, pin: e.currentTarget.value })}
        inputMode="numeric"
        autoComplete="off"
        maxLength={12}
        visibilityToggleButtonProps={{ "aria-label": t("pin.show"), tabIndex: 0 }}
      />
      <div role="alert" className={classes.refusal}>
        {set.error && refused === undefined && messageOf(t, set.error)}
      </div>
      <Group gap="xs">
        <Button type="submit" aria-disabled={set.isPending}>
          {t("badge.set")}
        </Button>
        {has && (
          <Button variant="default" onClick={() => typed.pin !== "" && set.mutate("")}>
            {t("badge.remove")}
          </Button>
        )}
      </Group>
    </form>
  );
}
