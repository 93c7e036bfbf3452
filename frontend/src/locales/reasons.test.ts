import { readFileSync } from "node:fs";
import { matchRoutes } from "react-router";
import { describe, expect, it } from "vitest";
import { adviceOn, searchReasons } from "~/locales/reasons";
import { routes } from "~/routes";

const codes = [...readFileSync("../action/code.go", "utf8").matchAll(/Code += "(\w+)"/g)].map((m) => m[1] ?? "");

describe("the catalogue of reasons", () => {
  it("has an entry in both languages for every code of the core, and no other", () => {
    expect(codes.length).toBeGreaterThan(40);
    for (const language of ["en", "de"]) {
      const found = searchReasons("", language);
      expect(found.map((r) => r.code).sort()).toEqual([...codes].sort());
      expect(found.filter((r) => r.sentence === "" || r.fix === "")).toEqual([]);
    }
  });

  it("links to screens that exist", () => {
    const lost = searchReasons("", "en").filter((r) => matchRoutes(routes, r.link) === null);
    expect(lost).toEqual([]);
  });

  it("is searched by any words of it, in the language it is read in", () => {
    expect(searchReasons("declined link", "en").map((r) => r.code)).toContain("card_declined");
    expect(searchReasons("abgelehnt karte", "de").map((r) => r.code)).toContain("card_declined");
    expect(searchReasons("no such words anywhere", "en")).toEqual([]);
    expect(adviceOn("from_the_future", "en")).toBeUndefined();
  });
});
