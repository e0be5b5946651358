import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { languages, useLanguage, useWords } from "../words";

/** What makes the application speak another language. */
export const Speak = createContext<(tag: string) => void>(() => {});

export function LanguageChoice() {
  const words = useWords();
  const { tag } = useLanguage();
  const speak = useContext(Speak);
  return (
    <select class="select" aria-label={words.language} value={tag} onChange={(event) => speak(event.currentTarget.value)}>
      {Object.entries(languages).map(([one, name]) => (
        <option value={one} lang={one} key={one}>
          {name}
        </option>
      ))}
    </select>
  );
}
