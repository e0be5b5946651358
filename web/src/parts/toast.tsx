import type { ComponentChildren } from "preact";
import { createContext } from "preact";
import { useCallback, useContext, useState } from "preact/hooks";

const Say = createContext<(text: string) => void>(() => {});

/** Tells what was done, for a moment. */
export const useSay = () => useContext(Say);

const shown = 6000; // milliseconds

export function Toasts({ children }: { children: ComponentChildren }) {
  const [texts, setTexts] = useState<{ text: string; id: number }[]>([]);
  const say = useCallback((text: string) => {
    const id = performance.now();
    setTexts((before) => [...before, { text, id }]);
    setTimeout(() => setTexts((before) => before.filter((one) => one.id !== id)), shown);
  }, []);
  return (
    <Say.Provider value={say}>
      {children}
      <div class="toasts" role="status">
        {texts.map(({ text, id }) => (
          <div class="toast" key={id}>
            {text}
          </div>
        ))}
      </div>
    </Say.Provider>
  );
}
