import { Kbd } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Dialog } from "~/components/dialog";
import classes from "~/components/shortcut-list.module.css";

const shortcuts = [
  { keys: ["I"], key: "invoice" },
  { keys: ["P"], key: "payment" },
  { keys: ["V"], key: "visit" },
  { keys: ["1", "5"], key: "places" },
  { keys: ["/"], key: "search" },
  { keys: ["↑", "↓"], key: "rows" },
  { keys: ["Enter"], key: "next" },
  { keys: ["Ctrl", "Enter"], key: "save" },
  { keys: ["Esc"], key: "leave" },
  { keys: ["Ctrl", "K"], key: "palette" },
  { keys: ["Ctrl", "Shift", "L"], key: "lock" },
  { keys: ["?"], key: "list" },
] as const;

/** Every shortcut, under "?". */
export function ShortcutList({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog opened={opened} onClose={onClose} title={t("shortcuts.title")}>
      <dl className={classes.list}>
        {shortcuts.map((s) => (
          <div key={s.key} className={classes.row}>
            <dt>{t(`shortcuts.${s.key}`)}</dt>
            <dd className={classes.keys}>
              {s.keys.map((k) => (
                <Kbd key={k}>{k}</Kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
