import { lazy, Suspense } from "preact/compat";
import { useState } from "preact/hooks";
import type { PaymentMethodFragment } from "../../../generated/billing/graphql";
import { useMay } from "../../data/session";
import { Button } from "../../parts/button";
import { useWords } from "../../words";
import type { Amount } from "../../words/formats";
import { CardActions } from "../money/card-actions";
import { PaymentMethods } from "./methods";
import { Profile, type ProfileData } from "./profile";

const AddCard = lazy(() => import("../money/add-card").then(({ AddCard }) => ({ default: AddCard })));
const EditProfile = lazy(() => import("../money/edit-profile").then(({ EditProfile }) => ({ default: EditProfile })));

/** Payment methods, with what may be done to them. */
export function Cards({ methods, credit }: { methods: PaymentMethodFragment[]; credit: Amount | null }) {
  const words = useWords();
  const may = useMay();
  const [adding, setAdding] = useState(false);
  const manage = may("MANAGE_PAYMENT_METHODS");
  return (
    <>
      <PaymentMethods
        methods={methods}
        credit={credit}
        actions={manage && <Button onClick={() => setAdding(true)}>{words.methods.add}</Button>}
        actionsOf={(one) => manage && <CardActions method={one} />}
      />
      {adding && (
        <Suspense fallback={null}>
          <AddCard onClose={() => setAdding(false)} />
        </Suspense>
      )}
    </>
  );
}

/** The billing profile, with a way to change it. */
export function BillingProfile({ profile }: { profile: ProfileData | null }) {
  const words = useWords();
  const may = useMay();
  const [editing, setEditing] = useState(false);
  return (
    <>
      <Profile
        profile={profile}
        actions={may("REQUEST_INVOICES") && <Button onClick={() => setEditing(true)}>{words.profile.edit}</Button>}
      />
      {editing && (
        <Suspense fallback={null}>
          <EditProfile profile={profile} onClose={() => setEditing(false)} />
        </Suspense>
      )}
    </>
  );
}
