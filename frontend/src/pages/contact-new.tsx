import { useTranslation } from "react-i18next";
import { useNavigate, useSearchParams } from "react-router";
import { contactTyped } from "~/components/form/refill";
import { Mend } from "~/components/mend";
import { useToast } from "~/components/toasts";
import { ContactCreateForm } from "~/forms/contact-create";
import { Page } from "~/ui/page";

/** The page around the form of a new contact. */
export function ContactNewPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const toast = useToast();
  const [params] = useSearchParams();
  return (
    <Page title={t("contact.create")} below={t("contact.lead")}>
      <Mend>
        {(replaced) => (
          <ContactCreateForm
            before={replaced && contactTyped(replaced)}
            accountId={params.get("customer") ?? ""}
            onLeave={() => void navigate(-1)}
            onSaved={(saved, accountId) => {
              toast({
                title: t("saved.contact", { number: saved.sequence }),
                body: t("saved.body"),
                link: { to: `/outbox/${saved.actionId}`, label: t("saved.entry") },
              });
              void navigate(`/customers/${accountId}`, { replace: true });
            }}
          />
        )}
      </Mend>
    </Page>
  );
}
