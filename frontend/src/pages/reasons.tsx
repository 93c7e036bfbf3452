import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { ListSearch } from "~/components/list-search";
import { type Reason, searchReasons } from "~/locales/reasons";
import classes from "~/pages/reasons.module.css";
import { Page } from "~/ui/page";
import { Facts, Nothing, Panel } from "~/ui/panel";

/** Why things stand still, who can help and how; one reason alone when the address names its code. */
export function ReasonsPage() {
  const { t, i18n } = useTranslation();
  const [params, setParams] = useSearchParams();
  const code = params.get("code") ?? "";
  const search = params.get("q") ?? "";
  const found = searchReasons(search, i18n.language).filter((r) => code === "" || search !== "" || r.code === code);
  return (
    <Page
      title={t("nav.reasons")}
      below={t("reasons.lead")}
      actions={<ListSearch label={t("reasons.find")} value={search} onChange={(q) => setParams(q ? { q } : {}, { replace: true })} />}
    >
      {found.length === 0 ? (
        <Panel flush>
          <Nothing title={t("search.none", { search: search || code })} hint={t("search.noneHint")} />
        </Panel>
      ) : (
        <Panel flush>
          <ul className={classes.list} aria-label={t("nav.reasons")}>
            {found.map((r) => (
              <li key={r.code}>
                <Entry reason={r} />
              </li>
            ))}
          </ul>
        </Panel>
      )}
    </Page>
  );
}

function Entry({ reason }: { reason: Reason }) {
  const { t } = useTranslation();
  return (
    <>
      <h2 className={classes.sentence}>{reason.sentence}</h2>
      <code className={classes.code}>{reason.code}</code>
      <Facts
        items={[
          { name: t("reasons.who"), value: t(`reasons.owner.${reason.owner}`) },
          { name: t("reasons.fix"), value: reason.fix },
        ]}
      />
      <p className={classes.go}>
        <Link to={reason.link} aria-label={`${t("reasons.go")}: ${reason.code}`}>
          {t("reasons.go")}
        </Link>
      </p>
    </>
  );
}
