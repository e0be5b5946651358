import { createContext } from "preact";
import { useContext, useMemo } from "preact/hooks";
import { en } from "./en";
import { formats } from "./formats";

export type Words = typeof en;

/** A catalogue of words, and the locale that numbers and days are written in. */
export interface Language {
  tag: string;
  locale: string;
  words: Words;
}

const catalogues: Record<string, () => Promise<Words>> = {
  en: async () => en,
  de: async () => (await import("./de")).de,
};

export const languages: Record<string, string> = { en: "English", de: "Deutsch" };

const chosen = "purser-language";

/** What the person chose, or else the first of the browser's languages that there is a catalogue for. */
export async function spoken(): Promise<Language> {
  const wanted = [localStorage.getItem(chosen) ?? "", ...navigator.languages];
  const locale = wanted.find((one) => one.split("-")[0]! in catalogues) ?? "en";
  const tag = locale.split("-")[0]!;
  // Who reads English in Zurich still writes numbers as the browser says.
  const ofBrowser = navigator.languages.find((one) => one.split("-")[0] === tag);
  const words = await catalogues[tag]!();
  document.documentElement.lang = tag;
  return { tag, locale: ofBrowser ?? tag, words };
}

export function speak(tag: string): Promise<Language> {
  localStorage.setItem(chosen, tag);
  return spoken();
}

export const LanguageContext = createContext<Language>({ tag: "en", locale: "en", words: en });

export const useLanguage = () => useContext(LanguageContext);

export const useWords = () => useContext(LanguageContext).words;

/** Writes money, days and numbers. */
export function useFormats() {
  const { locale } = useContext(LanguageContext);
  return useMemo(() => formats(locale), [locale]);
}
