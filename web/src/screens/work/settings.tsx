import { useState } from "preact/hooks";
import {
  SettingsDocument,
  type SettingsQuery,
  UpdateSettingsDocument,
  type Visibility,
} from "../../../generated/work/graphql";
import { useAnswer } from "../../data/answer";
import { type Refusal, useKeyedChange } from "../../data/change";
import { useMay, useOrganization } from "../../data/session";
import { Card } from "../../parts/card";
import { Field, Form, Labelled } from "../../parts/form";
import { Page } from "../../parts/page";
import { Failure, Skeleton } from "../../parts/states";
import { useSay } from "../../parts/toast";
import { useFormats, useWords } from "../../words";

type Values = NonNullable<NonNullable<SettingsQuery["organization"]>["settings"]>;

/** How the organization works: to read for all of its people, to change for some. */
export default function Settings() {
  const words = useWords();
  const { slug } = useOrganization();
  const may = useMay();
  const { data, error, again } = useAnswer(SettingsDocument, { slug });
  const settings = data?.organization?.settings;
  return (
    <Page title={words.settings.title} lead={words.settings.lead}>
      <Card title={words.settings.title} unnamed>
        {!settings && (error ? <Failure error={error} again={again} /> : <Skeleton />)}
        {settings && (may("MANAGE_SETTINGS") ? <Change settings={settings} /> : <Facts settings={settings} />)}
      </Card>
    </Page>
  );
}

function Facts({ settings }: { settings: Values }) {
  const words = useWords();
  const { list } = useFormats();
  const facts = [
    [words.settings.timeZone, settings.timeZone],
    [words.settings.visibility, words.settings.visibilities[settings.defaultVisibility]],
    [words.settings.domains, list(settings.emailDomains) || words.none],
    [words.settings.twoFactor, settings.twoFactorRequired ? words.settings.yes : words.settings.no],
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </>
      ))}
    </dl>
  );
}

function Change({ settings }: { settings: Values }) {
  const words = useWords();
  const say = useSay();
  const { id } = useOrganization();
  const [run, busy] = useKeyedChange(UpdateSettingsDocument);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const save = async (values: Record<string, string>) => {
    const done = await run({
      organizationId: id,
      timeZone: (values["timeZone"] ?? "").trim(),
      defaultVisibility: values["defaultVisibility"] as Visibility,
      emailDomains: (values["emailDomains"] ?? "").split(/[\s,;]+/).filter(Boolean),
      twoFactorRequired: values["twoFactorRequired"] === "on",
    });
    setRefusals(done.refusals);
    if (done.payload && !done.refusals.length) say(words.settings.saved);
  };
  return (
    <div class="narrow">
      <Form submit={words.save} busy={busy} refusals={refusals} onSubmit={save}>
        <Field
          name="timeZone"
          label={words.settings.timeZone}
          hint={words.settings.timeZoneHint}
          defaultValue={settings.timeZone}
          required
        />
        <Labelled name="defaultVisibility" label={words.settings.visibility}>
          {(ids) => (
            <select class="input" name="defaultVisibility" {...ids}>
              {Object.entries(words.settings.visibilities).map(([value, said]) => (
                <option value={value} selected={value === settings.defaultVisibility} key={value}>
                  {said}
                </option>
              ))}
            </select>
          )}
        </Labelled>
        <Labelled name="emailDomains" label={words.settings.domains} hint={words.settings.domainsHint}>
          {(ids) => (
            <textarea class="input" name="emailDomains" defaultValue={settings.emailDomains.join("\n")} {...ids} />
          )}
        </Labelled>
        <label class="check">
          <input type="checkbox" name="twoFactorRequired" defaultChecked={settings.twoFactorRequired} />
          {words.settings.twoFactor}
        </label>
      </Form>
    </div>
  );
}
