import type { ComponentChildren } from "preact";
import type { PlansPageQuery } from "../../../generated/billing/graphql";
import { Card } from "../../parts/card";
import { Empty } from "../../parts/states";
import { useLanguage, useWords } from "../../words";

export type ProfileData = NonNullable<NonNullable<PlansPageQuery["organization"]>["billingProfile"]>;

/** Whom invoices are addressed to. */
export function Profile({ profile, actions }: { profile: ProfileData | null; actions?: ComponentChildren }) {
  const words = useWords();
  const { locale } = useLanguage();
  if (!profile) {
    return (
      <Card title={words.profile.title} actions={actions}>
        <Empty icon="mail" title={words.profile.none} more={words.profile.noneMore} />
      </Card>
    );
  }
  const place = [profile.postalCode, profile.city].filter(Boolean).join(" ");
  const country = new Intl.DisplayNames(locale, { type: "region" }).of(profile.country);
  return (
    <Card title={words.profile.title} actions={actions}>
      <address class="address">
        <span class="strong">{profile.name}</span>
        {[...profile.addressLines, place, country].filter(Boolean).map((line) => (
          <span key={line}>{line}</span>
        ))}
        <span class="muted">{profile.email}</span>
      </address>
      <dl class="facts">
        {profile.taxId && (
          <>
            <dt>{words.profile.taxId}</dt>
            <dd>{profile.taxId}</dd>
          </>
        )}
        {profile.purchaseOrder && (
          <>
            <dt>{words.profile.purchaseOrder}</dt>
            <dd>{profile.purchaseOrder}</dd>
          </>
        )}
      </dl>
    </Card>
  );
}
