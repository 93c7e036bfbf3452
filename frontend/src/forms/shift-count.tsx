import { Button, Group, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ShiftDTO, SlipDTO } from "~/bridge/dto-shift";
import { useBridge } from "~/bridge/provider";
import { useBootstrap, useShiftPreview } from "~/bridge/queries";
import { BridgeError } from "~/bridge/error";
import { fieldMessage, messageOf } from "~/components/explain";
import { Optional } from "~/components/form/optional";
import { useFormat } from "~/components/format";
import { ShiftLines } from "~/components/shift-lines";
import classes from "~/forms/shift-count.module.css";

/** Counts the drawer: to open a shift, or to close the one that is open. */
export function ShiftCountForm({ shift, onOpened, onClosed }: { shift: ShiftDTO; onOpened: () => void; onClosed: (slip: SlipDTO) => void }) {
  const { t } = useTranslation();
  const bridge = useBridge();
  const { locale } = useFormat();
  const { currencies } = useBootstrap();
  const begun = shift.open && shift.lines.length > 0 ? shift.lines.map((l) => l.currency) : ["usd"];
  const [counts, setCounts] = useState(begun.map((currency) => ({ currency, amount: "" })));
  const [note, setNote] = useState("");
  const [asked, setAsked] = useState(false);
  const form = { counts, note, locale };
  const preview = useShiftPreview(form, shift.open).data;
  const send = useMutation({
    mutationFn: async () => {
      if (shift.open) onClosed(await bridge.closeShift(form));
      else await bridge.openShift(form).then(onOpened);
    },
  });
  const fields: Record<string, string> = send.error ? BridgeError.from(send.error).fields : asked ? (preview?.fields ?? {}) : {};

  function submit(event: FormEvent) {
    event.preventDefault();
    setAsked(true);
    if (!send.isPending) send.mutate();
  }

  function set(index: number, change: Partial<{ currency: string; amount: string }>) {
    setCounts(counts.map((c, i) => (i === index ? { ...c, ...change } : c)));
    if (send.isError) send.reset();
  }

  return (
    <form noValidate aria-label={shift.open ? t("shift.close") : t("shift.openAct")} onSubmit={submit} className={classes.form}>
      {counts.map((c, i) => {
        const wrong = fields[`counts[${i}].amount`];
        return (
          <div key={i} className={classes.row}>
            <NativeSelect
              label={t("form.currency")}
              data={currencies.map((x) => ({ value: x.code, label: x.code.toUpperCase() }))}
              value={c.currency}
              onChange={(e) => set(i, { currency: e.currentTarget.value })}
            />
            <TextInput
              label={shift.open ? t("shift.counted") : t("shift.float")}
              value={c.amount}
              onChange={(e) => set(i, { amount: e.currentTarget.value })}
              error={wrong === undefined ? undefined : fieldMessage(t, wrong)}
              inputMode="decimal"
              autoComplete="off"
              autoFocus={i === 0}
            />
          </div>
        );
      })}
      <Button variant="subtle" size="compact-sm" className={classes.add} onClick={() => setCounts([...counts, { currency: "eur", amount: "" }])}>
        {t("shift.addCurrency")}
      </Button>
      {shift.open && (
        <>
          {preview && <ShiftLines lines={preview.lines} label={t("shift.compare")} counted />}
          <Textarea label={<Optional label={t("form.note")} />} value={note} onChange={(e) => setNote(e.currentTarget.value)} rows={2} />
        </>
      )}
      <div role="alert" className={classes.refusal}>
        {send.error && Object.keys(fields).length === 0 && messageOf(t, send.error)}
      </div>
      <Group>
        <Button type="submit">{shift.open ? t("shift.close") : t("shift.openAct")}</Button>
      </Group>
    </form>
  );
}
