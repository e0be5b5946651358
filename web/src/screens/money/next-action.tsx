import { useClient } from "@urql/preact";
import { useCallback } from "preact/hooks";
import { GatewayDocument, type NextActionFragment } from "../../../generated/billing/graphql";
import { useOrganization } from "../../data/session";
import { useSay } from "../../parts/toast";
import { navigate } from "../../router";
import { useWords } from "../../words";
import { comeBackTo } from "./came-from";

/** Sends the payer to the bank's page, or asks the gateway's script to; then what became of it is shown. */
export function useNextAction() {
  const client = useClient();
  const { slug } = useOrganization();
  const say = useSay();
  const words = useWords();
  return useCallback(
    async (action: NextActionFragment, paymentId: string) => {
      const back = `/o/${slug}/plans?payment=${paymentId}`;
      if (action.url) {
        comeBackTo(back);
        location.assign(action.url);
        return;
      }
      const { data } = await client.query(GatewayDocument, {}).toPromise();
      const key = data?.gateway.publishableKey;
      if (action.clientSecret && key) {
        const { confirmed } = await import("./stripe");
        await confirmed(key, action.clientSecret).catch(() => say(words.unreachable)); // it can be confirmed from there
      }
      navigate(back, { replace: true });
    },
    [client, slug, say, words],
  );
}
