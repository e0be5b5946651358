import type { ComponentChildren } from "preact";
import icon from "../icon.svg";
import { useWords } from "../words";
import { LanguageChoice } from "./language-choice";
import { useHeading } from "./page";
import { Offline } from "./states";

interface Props {
  title: string;
  lead?: ComponentChildren;
  children?: ComponentChildren;
}

/** A page for who is not inside yet. */
export function Gate({ title, lead, children }: Props) {
  const words = useWords();
  const heading = useHeading(title);
  return (
    <div class="gate">
      <header>
        <a class="brand" href="/">
          <img src={icon} alt="" />
          <span>{words.product}</span>
        </a>
      </header>
      <main class="card" id="main">
        <div class="inside">
          <Offline />
          <div class="intro">
            <h1 tabIndex={-1} ref={heading}>
              {title}
            </h1>
            {lead && <div class="muted">{lead}</div>}
          </div>
          {children}
        </div>
      </main>
      <footer class="choices">
        <LanguageChoice />
      </footer>
    </div>
  );
}
