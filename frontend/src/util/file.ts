/** Files for a person. */

/** The content of a file in base64, as it crosses the bridge. */
export async function base64Of(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** Hands a file to the browser's downloads, unless it lies in a folder already. */
export function keepFile(file: { name: string; mediaType: string; content: string; path: string }): void {
  if (file.path !== "") return;
  const bytes = Uint8Array.from(atob(file.content), (c) => c.charCodeAt(0));
  const address = URL.createObjectURL(new Blob([bytes], { type: file.mediaType }));
  const link = document.createElement("a");
  link.href = address;
  link.download = file.name;
  link.click();
  URL.revokeObjectURL(address);
}
