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
  elements: (options: { locale: string }) => { create: (kind: "card", options: object) => CardElement };
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
      script.remove();
      reject(new Error("Stripe's script did not load"));
    };
    document.head.append(script);
  });
  await coming;
  return window.Stripe!(key);
}

/** Lets the bank ask whoever pays, and tells whether he agreed. Raises if the script does not load. */
export async function confirmed(key: string, clientSecret: string): Promise<boolean> {
  const stripe = await loaded(key);
  const { error } = await uncovered(() => stripe.handleNextAction({ clientSecret }));
  return !error;
}

/** The bank asks in the page itself, which a modal dialog would cover: those that are open stand back. */
async function uncovered<Said>(ask: () => Promise<Said>): Promise<Said> {
  const open = [...document.querySelectorAll<HTMLDialogElement>("dialog[open]")];
  for (const one of open) {
    one.dataset["aside"] = "";
    one.close();
  }
  try {
    return await ask();
  } finally {
    for (const one of open.filter((each) => each.isConnected)) {
      one.showModal();
      delete one.dataset["aside"];
    }
  }
}

/** Stripe's field for a card in a place that may be gone: gives what makes a token of it, and what takes it away. */
export async function cardField(key: string, find: () => HTMLElement | null) {
  const stripe = await loaded(key);
  const place = find();
  if (!place) return null;
  const { color, fontFamily, fontSize } = getComputedStyle(place);
  const card = stripe.elements({ locale: document.documentElement.lang }).create("card", { style: { base: { color, fontFamily, fontSize } } });
  card.mount(place);
  return {
    token: async () => {
      const { paymentMethod, error } = await stripe.createPaymentMethod({ type: "card", card });
      return { token: paymentMethod?.id, wrong: error?.message };
    },
    remove: () => card.unmount(),
  };
}
