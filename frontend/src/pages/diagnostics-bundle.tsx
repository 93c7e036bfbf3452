import { Button } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { BundleDTO } from "~/bridge/dto-support";
import { useBridge } from "~/bridge/provider";
import { messageOf } from "~/components/explain";
import classes from "~/pages/diagnostics.module.css";
import { Panel } from "~/ui/panel";

/** What support gets: gathered, looked through, and only then saved. */
export function SupportBundle() {
  const { t } = useTranslation();
  const bridge = useBridge();
  const gather = useMutation({ mutationFn: () => bridge.previewBundle() });
  const save = useMutation({ mutationFn: (id: string) => bridge.saveBundle(id) });
  const bundle = gather.data;
  const error = gather.error ?? save.error;
  return (
    <Panel title={t("bundle.title")}>
      <p className={classes.sums}>{t("bundle.lead")}</p>
      {bundle && <Parts bundle={bundle} />}
      <div className={classes.acts}>
        <Button variant={bundle ? "default" : "filled"} loading={gather.isPending} onClick={() => gather.mutate()}>
          {bundle ? t("bundle.again") : t("bundle.look")}
        </Button>
        {bundle && (
          <Button loading={save.isPending} onClick={() => save.mutate(bundle.id)}>
            {bundle.sealed ? t("bundle.saveSealed") : t("bundle.save")}
          </Button>
        )}
      </div>
      <p role="status" className={classes.sums}>
        {save.data && t("bundle.saved", { path: save.data.path })}
      </p>
      {error && <p role="alert">{messageOf(t, error)}</p>}
    </Panel>
  );
}

function Parts({ bundle }: { bundle: BundleDTO }) {
  return (
    <ul className={classes.parts}>
      {bundle.parts.map((p) => (
        <li key={p.name}>
          <details>
            <summary>
              <code>{p.name}</code> {p.about}
            </summary>
            <pre tabIndex={0}>{p.text}</pre>
          </details>
        </li>
      ))}
    </ul>
  );
}
