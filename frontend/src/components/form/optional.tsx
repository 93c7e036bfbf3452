import { useTranslation } from "react-i18next";
import classes from "~/components/form/optional.module.css";

/** A label that says that its field may stay empty. */
export function Optional({ label }: { label: string }) {
  const { t } = useTranslation();
  return (
    <>
      {label} <span className={classes.optional}>{t("form.optional")}</span>
    </>
  );
}
