import { useState } from "preact/hooks";
import { CreateApiKeyDocument, type Permission } from "../../../generated/work/graphql";
import { useOrganization } from "../../data/session";
import { Ask } from "../../parts/ask";
import { Button } from "../../parts/button";
import { Dialog } from "../../parts/dialog";
import { Field } from "../../parts/form";
import { useSay } from "../../parts/toast";
import { useWords } from "../../words";

/** Makes a key for this organization, and shows it once. */
export function CreateKey({ onClose }: { onClose: () => void }) {
  const words = useWords();
  const say = useSay();
  const { id, viewerPermissions } = useOrganization();
  const [secret, setSecret] = useState<string | null>(null);
  if (secret) return <Shown secret={secret} onClose={onClose} />;
  return (
    <Ask
      document={CreateApiKeyDocument}
      title={words.keys.create}
      action={words.keys.createSubmit}
      input={(values) => ({
        organizationId: id,
        name: (values["name"] ?? "").trim(),
        permissions: chosen(viewerPermissions, values),
        expiresAt: values["expiresAt"] ? `${values["expiresAt"]}T00:00:00Z` : null,
      })}
      onDone={(made) => {
        if (made.secret) return setSecret(made.secret);
        say(words.keys.lost); // it was made before, and the answer did not arrive
        onClose();
      }}
      onClose={onClose}
    >
      <Field name="name" label={words.keys.name} required maxLength={100} />
      <Field name="expiresAt" label={`${words.keys.expiry} (${words.optional})`} type="date" />
      <fieldset class="fieldset">
        <legend>{words.keys.chosen}</legend>
        <div class="checks">
          {viewerPermissions.map((one) => (
            <label class="check small" key={one}>
              <input type="checkbox" name={`may ${one}`} />
              {words.keys.may[one]}
            </label>
          ))}
        </div>
        <span class="muted small">{words.keys.chosenMore}</span>
      </fieldset>
    </Ask>
  );
}

/** None chosen is no limit. */
function chosen(all: Permission[], values: Record<string, string>): Permission[] | null {
  const some = all.filter((one) => values[`may ${one}`] === "on");
  return some.length ? some : null;
}

function Shown({ secret, onClose }: { secret: string; onClose: () => void }) {
  const words = useWords();
  const say = useSay();
  const copy = () => void navigator.clipboard.writeText(secret).then(() => say(words.keys.copied));
  return (
    <Dialog title={words.keys.shown} onClose={onClose}>
      <p>{words.keys.shownMore}</p>
      <pre class="secret">{secret}</pre>
      <div class="actions end">
        {"clipboard" in navigator && <Button onClick={copy}>{words.keys.copy}</Button>}
        <Button kind="primary" onClick={onClose}>
          {words.invite.done}
        </Button>
      </div>
    </Dialog>
  );
}
