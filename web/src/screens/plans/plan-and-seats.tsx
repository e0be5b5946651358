import { lazy, Suspense } from "preact/compat";
import { useState } from "preact/hooks";
import type { PaymentMethodFragment } from "../../../generated/billing/graphql";
import { useMay } from "../../data/session";
import { Button } from "../../parts/button";
import { useWords } from "../../words";
import type { Wish } from "../money/change-plan";
import { Ahead, Cancel } from "../money/ending";
import { NextCharge } from "./next-charge";
import { paidAhead, Plan, type Subscription } from "./plan";
import { Seats } from "./seats";
import { State } from "./state";

const ChangePlan = lazy(() => import("../money/change-plan").then(({ ChangePlan }) => ({ default: ChangePlan })));

interface Props {
  subscription: Subscription | null;
  methods: PaymentMethodFragment[];
}

/** What is bought, and the ways to change it. */
export function PlanAndSeats({ subscription, methods }: Props) {
  const words = useWords();
  const may = useMay();
  const [wish, setWish] = useState<Wish | null>(null);
  const change = may("CHANGE_PLAN");
  return (
    <div class="pair">
      <div class="stack">
        <Plan
          subscription={subscription}
          notices={
            subscription && (
              <>
                <State status={subscription.status} methods={methods} />
                <Ahead subscription={subscription} change={change} />
              </>
            )
          }
          actions={
            change && (
              <>
                <Button kind="primary" onClick={() => setWish("plan")}>
                  {words.money.plan}
                </Button>
                {renewable(subscription) && (
                  <Button onClick={() => setWish("renew")}>{words.money.renew}</Button>
                )}
                {subscription && <Cancel subscription={subscription} />}
              </>
            )
          }
        />
      </div>
      <div class="stack">
        <Seats
          subscription={subscription}
          actions={change && costs(subscription) && <Button onClick={() => setWish("seats")}>{words.money.buy}</Button>}
        />
        <NextCharge subscription={subscription} />
      </div>
      {wish && subscription && (
        <Suspense fallback={null}>
          <ChangePlan wish={wish} subscription={subscription} methods={methods} onClose={() => setWish(null)} />
        </Suspense>
      )}
    </div>
  );
}

const running = new Set<Subscription["status"]>(["ACTIVE", "TRIALING"]);

/** A free plan has the seats that it has, and goes on by itself. */
function costs(subscription: Subscription | null): subscription is Subscription {
  return !!subscription && subscription.price.unitAmount.amount > 0;
}

/** What is owed is paid first, and what has ended begins with a change; one period can be paid ahead. */
function renewable(subscription: Subscription | null): boolean {
  return costs(subscription) && !subscription.cancelAt && running.has(subscription.status) && !paidAhead(subscription);
}
