import { Provider } from "@urql/preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { clientFor } from "./data/client";
import { type Session, SessionContext, useWhoLooks } from "./data/session";
import { Arriving } from "./parts/arriving";
import { Button } from "./parts/button";
import { Gate } from "./parts/gate";
import { Speak } from "./parts/language-choice";
import { Toasts } from "./parts/toast";
import { navigate, usePath } from "./router";
import { Forgot } from "./screens/account/forgot";
import { Found } from "./screens/account/found";
import { InvitationLink } from "./screens/account/invitation";
import { Reset } from "./screens/account/reset";
import { SignIn } from "./screens/account/sign-in";
import { SignUp } from "./screens/account/sign-up";
import { Verify } from "./screens/account/verify";
import { Home } from "./screens/home";
import { cameFrom } from "./screens/money/came-from";
import { NotFound } from "./screens/not-found";
import { Shell } from "./screens/shell";
import { type Language, LanguageContext, speak, useWords } from "./words";

export function App({ language: first }: { language: Language }) {
  const [language, setLanguage] = useState(first);
  const client = useMemo(() => clientFor(null), []);
  const session = useWhoLooks(client);
  return (
    <LanguageContext.Provider value={language}>
      <Speak.Provider value={(tag) => void speak(tag).then(setLanguage)}>
        <Provider value={client}>
          <SessionContext.Provider value={session}>
            <Toasts>
              <Route session={session} />
            </Toasts>
          </SessionContext.Provider>
        </Provider>
      </Speak.Provider>
    </LanguageContext.Provider>
  );
}

function Route({ session }: { session: Session }) {
  const [first = "", slug = "", ...rest] = usePath().slice(1).split("/");
  if (session.state === "failed") return <Unreachable again={session.refresh} />;
  if (session.state === "loading") return <Arriving inside={first === "" || first === "o"} />;
  switch (first) {
    case "sign-in":
      return <SignIn />;
    case "sign-up":
      return <SignUp />;
    case "forgot":
      return <Forgot />;
    case "reset":
      return <Reset />;
    case "verify":
      return <Verify />;
    case "invitation":
    case "join":
      return <InvitationLink kind={first} />;
  }
  if (!session.viewer) return <SignIn />;
  switch (first) {
    case "":
      return <Home viewer={session.viewer} />;
    case "new":
      return <Found />;
    case "payments":
      return <Returned />;
    case "o":
      return <Shell viewer={session.viewer} slug={slug} path={rest.filter(Boolean)} />;
  }
  return <NotFound />;
}

/** The bank has sent the payer back. */
function Returned() {
  useEffect(() => navigate(cameFrom(), { replace: true }), []);
  return null;
}

function Unreachable({ again }: { again: () => void }) {
  const words = useWords();
  return (
    <Gate title={words.unreachable} lead={words.unreachableMore}>
      <Button kind="wide primary" onClick={again}>
        {words.retry}
      </Button>
    </Gate>
  );
}
