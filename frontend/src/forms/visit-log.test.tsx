import { screen } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { BridgeError } from "~/bridge/error";
import { fill, open } from "~/testing/render";

describe("the form of a visit", () => {
  it("keeps the visit while offline and lists it", async () => {
    const { bridge, user } = open("/visits/new?customer=acc-004", { offline: true });
    await user.click(await screen.findByRole("radio", { name: "Follow up" }));
    await fill(user, screen.getByLabelText("Note"), "Wants a quote");
    await user.click(screen.getByRole("button", { name: "Save visit" }));
    expect(await screen.findByText("Visit saved as action 1")).toBeVisible();
    expect(await screen.findByRole("article", { name: /Visit, Umbrella Health, Follow up/ })).toBeVisible();
    expect(bridge.core.journal.entries[0]?.payload).toMatchObject({ outcome: "follow_up", note: "Wants a quote" });
  });

  it("shows a refusal of the core", async () => {
    const { bridge, user } = open("/visits/new?customer=acc-004");
    bridge.refuse("saveVisit", new BridgeError({ code: "disk_full", message: "" }));
    await fill(user, await screen.findByLabelText("Note"), "Wants a quote");
    await user.click(screen.getByRole("button", { name: "Save visit" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("Not saved: the disk is full.");
  });

  it("shows what is missing at its field and counts it", async () => {
    const { bridge, user } = open("/visits/new");
    await user.click(await screen.findByRole("button", { name: "Save visit" }));
    expect(await screen.findByText("2 fields need another look")).toBeVisible();
    expect(screen.getByLabelText("Note")).toHaveAccessibleDescription("Required.");
    expect(bridge.core.journal.entries).toHaveLength(0);
  });

  it("is filled in and saved without a mouse", async () => {
    const { bridge, user } = open("/visits/new?customer=acc-004");
    expect(await screen.findByLabelText("Note")).toHaveFocus();
    await user.keyboard("Met the new buyer{Control>}{Enter}{/Control}");
    await screen.findByText("Visit saved as action 1");
    expect(bridge.core.journal.entries[0]?.payload["note"]).toBe("Met the new buyer");
  });

  it("adds a photo, scaled, that travels by itself after the visit", async () => {
    vi.stubGlobal("createImageBitmap", async () => ({ width: 4000, height: 3000, close: () => undefined }));
    vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);
    vi.spyOn(HTMLCanvasElement.prototype, "toBlob").mockImplementation((done, type) => done(new Blob(["smaller"], { type: type ?? "" })));
    const { bridge, user } = open("/visits/new?customer=acc-004", { offline: true });
    await user.upload(await screen.findByLabelText("Add a photo", { selector: "input" }), new File(["big"], "meter.heic", { type: "image/heic" }));
    expect(await screen.findByText("meter.jpg")).toBeVisible();
    await fill(user, screen.getByLabelText("Note"), "Read the meter");
    await user.click(screen.getByRole("button", { name: "Save visit" }));
    await screen.findByText("Visit saved as action 1");
    expect(bridge.core.journal.entries.map((e) => e.row.type)).toEqual(["log_visit", "add_attachment"]);
    expect(bridge.core.journal.entries[1]?.payload).toMatchObject({ name: "meter.jpg", mediaType: "image/jpeg", role: "photo" });
  });

  it("says that a picture cannot be read", async () => {
    vi.stubGlobal("createImageBitmap", () => Promise.reject(new Error("no picture")));
    const { user } = open("/visits/new?customer=acc-004");
    await user.upload(await screen.findByLabelText("Add a photo", { selector: "input" }), new File(["x"], "broken.png", { type: "image/png" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("This picture cannot be read.");
  });
});
