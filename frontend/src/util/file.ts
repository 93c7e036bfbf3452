/** Files for a person. */

/** Bytes in base64, as they cross the bridge. */
export async function base64Of(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = "";
  // In pieces: a call takes only so many arguments.
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
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
