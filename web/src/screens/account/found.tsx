import { useState } from "preact/hooks";
import { CreateOrganizationDocument } from "../../../generated/account/graphql";
import { type Refusal, useKeyedChange } from "../../data/change";
import { useSession } from "../../data/session";
import { Field, Form } from "../../parts/form";
import { Gate } from "../../parts/gate";
import { navigate } from "../../router";
import { useWords } from "../../words";

export function Found() {
  const words = useWords();
  const { refresh } = useSession();
  const [run, busy] = useKeyedChange(CreateOrganizationDocument);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const [slug, setSlug] = useState("");
  const found = async ({ name = "" }: Record<string, string>) => {
    const done = await run({ name: name.trim(), slug });
    setRefusals(done.refusals);
    const made = done.payload?.organization;
    if (!made) return;
    await refresh();
    navigate(`/o/${made.slug}`, { replace: true });
  };
  return (
    <Gate title={words.found.title} lead={words.found.lead}>
      <Form submit={words.found.submit} busy={busy} refusals={refusals} onSubmit={found}>
        <Field
          name="name"
          label={words.found.name}
          required
          maxLength={100}
          onInput={(event) => setSlug(slugOf(event.currentTarget.value))}
        />
        <Field
          name="slug"
          label={words.found.slug}
          hint={words.found.slugHint}
          required
          maxLength={63}
          pattern="[a-z0-9]([a-z0-9\-]*[a-z0-9])?"
          value={slug}
          onInput={(event) => setSlug(event.currentTarget.value)}
        />
      </Form>
      <a class="small" href="/">
        {words.back}
      </a>
    </Gate>
  );
}

function slugOf(name: string): string {
  const plain = name.normalize("NFKD").toLowerCase().replaceAll("ß", "ss").replace(/[\u0300-\u036f]/g, "");
  return plain.replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 63);
}
