/** Pictures on their way to the core. */

/** What the core takes of one file, with room for its base64. */
export const MAX_FILE_BYTES = 680 * 1024;
const LONGEST_SIDE = 1600;
const QUALITIES = [0.85, 0.7, 0.5, 0.35];

/**
 * A photo as a form sends it: no side over 1600 px, no more bytes than the core
 * takes; null for what is no picture. Scaling also leaves out where it was taken.
 */
export async function scaledPhoto(file: File): Promise<Blob | null> {
  if (!file.type.startsWith("image/")) return null;
  const picture = await createImageBitmap(file).catch(() => null);
  if (!picture) return null;
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  for (const quality of QUALITIES) {
    const blob = await blobOf(canvas, "image/jpeg", quality);
    if (blob && blob.size <= MAX_FILE_BYTES) return blob;
  }
  return null;
}

/** What is drawn, as a file. */
export function blobOf(canvas: HTMLCanvasElement, type: string, quality?: number): Promise<Blob | null> {
  return new Promise((resolve) => canvas.toBlob(resolve, type, quality));
}
