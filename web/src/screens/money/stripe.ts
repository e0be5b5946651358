/** Stripe's script: the only thing that comes from elsewhere, and only where Stripe takes the cards. */

interface CardElement {
  mount: (place: HTMLElement) => void;
  unmount: () => void;
}

interface Result {
  error?: { message?: string };
  paymentMethod?: { id: string };
}

interface Stripe {
  elements: () => { create: (kind: "card", options: object) => CardElement };
  createPaymentMethod: (given: { type: "card"; card: CardElement }) => Promise<Result>;
  handleNextAction: (given: { clientSecret: string }) => Promise<Result>;
}

declare global {
  interface Window {
    Stripe?: (key: string) => Stripe;
  }
}

const source = "https://js.stripe.com/v3/";
let coming: Promise<void> | undefined;

async function loaded(key: string): Promise<Stripe> {
  coming ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = source;
    script.onload = () => resolve();
    script.onerror = () => {
      coming = undefined;
      reject(new Error("Stripe's script did not load"));
    };
    document.head.append(script);
  });
  await coming;
  return window.Stripe!(key);
}

/** Lets the bank ask whoever pays; throws nothing, since the payment itself says how it went. */
export async function confirmed(key: string, clientSecret: string): Promise<void> {
  const stripe = await loaded(key);
  await stripe.handleNextAction({ clientSecret });
}

/** Stripe's field for a card in this place: gives what makes a token of it, and what takes it away. */
export async function cardField(key: string, place: HTMLElement) {
  const stripe = await loaded(key);
  const { color, fontFamily, fontSize } = getComputedStyle(place);
  const card = stripe.elements().create("card", { style: { base: { color, fontFamily, fontSize } } });
  card.mount(place);
  return {
    token: async () => {
      const { paymentMethod, error } = await stripe.createPaymentMethod({ type: "card", card });
      return { token: paymentMethod?.id, wrong: error?.message };
    },
    remove: () => card.unmount(),
  };
}
