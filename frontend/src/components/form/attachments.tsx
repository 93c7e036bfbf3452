import { Button, CloseButton } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { KeptFile } from "~/bridge/dto-pay";
import { useBridge } from "~/bridge/provider";
import { messageOf } from "~/components/explain";
import classes from "~/components/form/attachments.module.css";
import { SignaturePad } from "~/components/form/signature-pad";
import { base64Of } from "~/util/file";
import { scaledPhoto } from "~/util/image";

/** As many as one visit takes. */
const MOST = 20;

/** Photos and a signature. Each is kept on the device when it is added, and travels by itself. */
export function Attachments(props: { files: readonly KeptFile[]; onChange: (files: KeptFile[]) => void }) {
  const { t } = useTranslation();
  const bridge = useBridge();
  const picker = useRef<HTMLInputElement>(null);
  const [signing, setSigning] = useState(false);
  const [unread, setUnread] = useState(false);
  const { files } = props;

  const add = useMutation({
    mutationFn: async ({ blob, name, role }: { blob: Blob; name: string; role: "photo" | "signature" }) =>
      bridge.keepFile({ name, role, mediaType: blob.type, content: await base64Of(blob) }),
    // The same bytes again are the same file.
    onSuccess: (kept) => props.onChange([...files.filter((f) => f.sha256 !== kept.sha256 && (kept.role !== "signature" || f.role !== "signature")), kept]),
  });

  async function pick(file: File | undefined) {
    if (!file) return;
    const blob = await scaledPhoto(file);
    setUnread(blob === null);
    if (blob) add.mutate({ blob, name: file.name.replace(/\.\w+$/, "") + ".jpg", role: "photo" });
  }

  return (
    <div className={classes.attachments}>
      <ul className={classes.files} aria-label={t("attach.list")}>
        {files.map((f) => (
          <li key={f.sha256} className={classes.file}>
            <span>
              {f.role === "signature" ? t("attach.signature") : f.name}{" "}
              <span className={classes.size}>{t("attach.size", { kb: Math.max(1, Math.round(f.size / 1024)) })}</span>
            </span>
            <CloseButton size="sm" aria-label={t("attach.remove", { name: f.name })} onClick={() => props.onChange(files.filter((o) => o !== f))} />
          </li>
        ))}
      </ul>
      <input
        ref={picker}
        type="file"
        accept="image/*"
        capture="environment"
        hidden
        aria-label={t("attach.photo")}
        onChange={(e) => {
          void pick(e.currentTarget.files?.[0]);
          e.currentTarget.value = "";
        }}
      />
      <div className={classes.acts}>
        <Button type="button" variant="default" size="compact-md" disabled={files.length >= MOST} onClick={() => picker.current?.click()}>
          {t("attach.photo")}
        </Button>
        <Button type="button" variant="default" size="compact-md" disabled={files.length >= MOST} aria-expanded={signing} onClick={() => setSigning(!signing)}>
          {t("attach.sign")}
        </Button>
      </div>
      {signing && (
        <SignaturePad
          onDone={(blob) => {
            setSigning(false);
            if (blob) add.mutate({ blob, name: "signature.png", role: "signature" });
          }}
        />
      )}
      {unread && (
        <p role="alert" className={classes.error}>
          {t("attach.unread")}
        </p>
      )}
      {add.error && (
        <p role="alert" className={classes.error}>
          {messageOf(t, add.error)}
        </p>
      )}
      <p className={classes.hint}>{t("attach.hint")}</p>
    </div>
  );
}
