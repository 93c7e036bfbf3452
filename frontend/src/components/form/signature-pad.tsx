import { Button } from "@mantine/core";
import { type PointerEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import classes from "~/components/form/attachments.module.css";
import { blobOf } from "~/util/image";

const WIDTH = 560;
const HEIGHT = 180;

/** A field to sign in by finger, pen or mouse. */
export function SignaturePad({ onDone }: { onDone: (signature: Blob | null) => void }) {
  const { t } = useTranslation();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [drawn, setDrawn] = useState(false);

  function at(event: PointerEvent<HTMLCanvasElement>): [number, number] {
    const box = event.currentTarget.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * WIDTH, ((event.clientY - box.top) / box.height) * HEIGHT];
  }

  function begin(event: PointerEvent<HTMLCanvasElement>) {
    event.currentTarget.setPointerCapture(event.pointerId);
    const pen = event.currentTarget.getContext("2d");
    if (!pen) return;
    if (!drawn) {
      // Ink on paper in every theme: the office sees it on white.
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, WIDTH, HEIGHT);
    }
    pen.strokeStyle = "#111";
    pen.lineWidth = 2.5;
    pen.lineCap = "round";
    pen.beginPath();
    pen.moveTo(...at(event));
    setDrawn(true);
  }

  function move(event: PointerEvent<HTMLCanvasElement>) {
    const pen = event.currentTarget.getContext("2d");
    if (!pen || event.buttons === 0) return;
    pen.lineTo(...at(event));
    pen.stroke();
  }

  function clear() {
    canvas.current?.getContext("2d")?.clearRect(0, 0, WIDTH, HEIGHT);
    setDrawn(false);
  }

  return (
    <div className={classes.signing}>
      <canvas
        ref={canvas}
        width={WIDTH}
        height={HEIGHT}
        role="img"
        aria-label={t("attach.pad")}
        className={classes.pad}
        onPointerDown={begin}
        onPointerMove={move}
      />
      <div className={classes.acts}>
        <Button type="button" size="compact-md" aria-disabled={!drawn} onClick={() => drawn && canvas.current && void blobOf(canvas.current, "image/png").then(onDone)}>
          {t("attach.take")}
        </Button>
        <Button type="button" size="compact-md" variant="default" onClick={clear}>
          {t("attach.clear")}
        </Button>
        <Button type="button" size="compact-md" variant="subtle" onClick={() => onDone(null)}>
          {t("attach.leave")}
        </Button>
      </div>
    </div>
  );
}
