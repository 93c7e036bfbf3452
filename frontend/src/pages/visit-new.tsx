import { useTranslation } from "react-i18next";
import { useNavigate, useSearchParams } from "react-router";
import { visitTyped } from "~/components/form/refill";
import { Mend } from "~/components/mend";
import { useToast } from "~/components/toasts";
import { VisitLogForm } from "~/forms/visit-log";
import { Page } from "~/ui/page";

/** The page around the form of a visit. */
export function VisitNewPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const toast = useToast();
  const [params] = useSearchParams();
  return (
    <Page title={t("visit.title")} below={t("form.kept")}>
      <Mend>
        {(replaced) => (
          <VisitLogForm
            before={replaced && visitTyped(replaced)}
            accountId={params.get("customer") ?? ""}
            onLeave={() => void navigate(-1)}
            onSaved={(saved) => {
              toast({
                title: t("saved.visit", { number: saved.sequence }),
                body: t("saved.body"),
                link: { to: `/outbox/${saved.actionId}`, label: t("saved.entry") },
              });
              void navigate("/visits", { replace: true });
            }}
          />
        )}
      </Mend>
    </Page>
  );
}
