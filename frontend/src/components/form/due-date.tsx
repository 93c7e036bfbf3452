import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Optional } from "~/components/form/optional";
import { useFormat } from "~/components/format";
import classes from "~/components/form/due-date.module.css";
import { daysAfter, readDate, spokenDate, typedDate } from "~/util/date";

const terms = [7, 14, 30] as const;

/** A date that can be typed as people write it, or taken from the usual terms. */
export function DueDate(props: { value: string; error: string | undefined; onChange: (date: string) => void }) {
  const { t } = useTranslation();
  const { locale } = useFormat();
  const [text, setText] = useState(() => typedDate(props.value, locale));
  const read = readDate(text, locale, new Date());

  function type(next: string) {
    setText(next);
    props.onChange(readDate(next, locale, new Date()) ?? "");
  }

  return (
    <div className={classes.due}>
      <TextInput
        label={<Optional label={t("form.dueDate")} />}
        placeholder={typedDate(daysAfter(new Date(), 30), locale)}
        value={text}
        onChange={(e) => type(e.currentTarget.value)}
        onBlur={() => read && setText(typedDate(read, locale))}
        error={read === null ? t("form.dateUnread") : props.error}
        description={read ? spokenDate(read, locale) : "\u00a0"}
        className={classes.field}
        autoComplete="off"
      />
      <div className={classes.terms} role="group" aria-label={t("form.terms")}>
        {terms.map((days) => (
          <Button key={days} type="button" size="compact-sm" variant="default" onClick={() => type(typedDate(daysAfter(new Date(), days), locale))}>
            {t("form.days", { count: days })}
          </Button>
        ))}
      </div>
    </div>
  );
}
