import { PlansPageDocument } from "../../../generated/billing/graphql";
import { useAnswer } from "../../data/answer";
import { useOrganization } from "../../data/session";
import { CardsToCome } from "../../parts/arriving";
import { Page } from "../../parts/page";
import { Failure } from "../../parts/states";
import { useWords } from "../../words";
import { Outcome } from "../money/outcome";
import { Activity } from "./activity";
import { BillingProfile, Cards } from "./changeable";
import { Invoices } from "./invoices";
import { Managers } from "./managers";
import { Payments } from "./payments";
import { PlanAndSeats } from "./plan-and-seats";
import { Usage } from "./usage";

/** Plans Management: all that a billing manager sees. */
export default function PlansPage() {
  const words = useWords();
  const { slug, name } = useOrganization();
  const { data, error, again } = useAnswer(PlansPageDocument, { slug });
  const organization = data?.organization;
  return (
    <Page title={words.plans.title} lead={name}>
      {error && !organization && (
        <div class="card">
          <Failure error={error} again={again} />
        </div>
      )}
      {!error && !organization && <CardsToCome />}
      {organization && (
        <>
          <Outcome />
          <PlanAndSeats subscription={organization.subscription} methods={organization.paymentMethods ?? []} />
          <Usage usage={organization.usage} />
          <div class="pair">
            <Cards methods={organization.paymentMethods ?? []} credit={organization.creditBalance} />
            <BillingProfile profile={organization.billingProfile} />
          </div>
          <Payments />
          <Invoices methods={organization.paymentMethods ?? []} />
          <Activity />
          <Managers
            managers={organization.billingManagers?.nodes ?? []}
            invitations={organization.billingInvitations?.nodes ?? []}
          />
        </>
      )}
    </Page>
  );
}
