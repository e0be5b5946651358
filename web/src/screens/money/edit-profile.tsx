import { UpdateBillingProfileDocument } from "../../../generated/billing/graphql";
import { useOrganization } from "../../data/session";
import { Ask } from "../../parts/ask";
import { Field, Labelled } from "../../parts/form";
import { useLanguage, useWords } from "../../words";
import type { ProfileData } from "../plans/profile";

/** Whom the next invoices are addressed to. */
export function EditProfile({ profile, onClose }: { profile: ProfileData | null; onClose: () => void }) {
  const words = useWords();
  const { id, name } = useOrganization();
  const said = words.profile;
  const text = (values: Record<string, string>, field: string) => (values[field] ?? "").trim();
  return (
    <Ask
      document={UpdateBillingProfileDocument}
      title={said.title}
      action={words.save}
      said={said.saved}
      input={(values) => ({
        organizationId: id,
        name: text(values, "name"),
        email: text(values, "email"),
        addressLines: text(values, "addressLines").split("\n").map((line) => line.trim()).filter(Boolean),
        postalCode: text(values, "postalCode"),
        city: text(values, "city"),
        country: text(values, "country"),
        taxId: text(values, "taxId"),
        purchaseOrder: text(values, "purchaseOrder"),
      })}
      onClose={onClose}
    >
      <Field name="name" label={said.company} defaultValue={profile?.name ?? name} required autocomplete="organization" />
      <Field
        name="email"
        label={words.signIn.email}
        hint={said.emailHint}
        type="email"
        defaultValue={profile?.email ?? ""}
        required
      />
      <Labelled label={said.address}>
        {(ids) => (
          <textarea
            class="input short"
            name="addressLines"
            autocomplete="street-address"
            defaultValue={profile?.addressLines.join("\n") ?? ""}
            {...ids}
          />
        )}
      </Labelled>
      <div class="columns">
        <Field name="postalCode" label={said.postalCode} defaultValue={profile?.postalCode ?? ""} />
        <Field name="city" label={said.city} defaultValue={profile?.city ?? ""} />
      </div>
      <Country chosen={profile?.country ?? ""} />
      <div class="columns">
        <Field name="taxId" label={`${said.taxId} (${words.optional})`} defaultValue={profile?.taxId ?? ""} />
        <Field
          name="purchaseOrder"
          label={`${said.purchaseOrder} (${words.optional})`}
          defaultValue={profile?.purchaseOrder ?? ""}
        />
      </div>
    </Ask>
  );
}

const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];

/** Every region that the browser has a name for. */
function Country({ chosen }: { chosen: string }) {
  const words = useWords();
  const { locale } = useLanguage();
  const names = new Intl.DisplayNames(locale, { type: "region", fallback: "none" });
  const codes = letters.flatMap((one) => letters.map((two) => one + two)).filter(isCountry);
  const countries = codes.map((code) => [code, names.of(code)] as const).filter(([, name]) => name);
  countries.sort(([, one], [, two]) => one!.localeCompare(two!, locale));
  return (
    <Labelled label={words.profile.country}>
      {(ids) => (
        <select class="input" name="country" required {...ids}>
          <option value="" />
          {countries.map(([code, name]) => (
            <option value={code} selected={code === chosen} key={code}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}

/** Not one of the codes that were withdrawn, which browsers name after the country of today. */
const isCountry = (code: string) => !notCountries.has(code) && new Intl.Locale(`und-${code}`).region === code;

// Names that are given to no country: unions, outlying places and codes for private use.
const notCountries = new Set(["EU", "EZ", "UN", "QO", "XA", "XB", "ZZ", "AC", "CP", "CQ", "DG", "EA", "IC", "TA"]);
