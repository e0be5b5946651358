// Plays Stripe's script: the card's field is a frame of Stripe's, the bank asks in another, and what was said goes to Stripe's API.

const API = "https://api.stripe.com/v1";

function framed(place, source, title) {
  const frame = document.createElement("iframe");
  frame.src = source;
  frame.title = title;
  place.append(frame);
  return frame;
}

/** What a frame says next, once it was told this. */
function said(frame, told) {
  return new Promise((resolve) => {
    const hear = ({ source, data }) => {
      if (source !== frame.contentWindow) return;
      removeEventListener("message", hear);
      resolve(data);
    };
    addEventListener("message", hear);
    if (told) frame.contentWindow.postMessage(told, "*");
  });
}

class CardElement {
  mount(place) {
    this.frame = framed(place, "https://js.stripe.com/v3/field.html", "Secure card payment input frame");
    this.frame.style.cssText = "width: 100%; height: 2rem; border: 0";
  }

  unmount() {
    this.frame.remove();
  }
}

async function agreed() {
  const frame = framed(document.body, "https://hooks.stripe.com/challenge.html", "3D Secure");
  frame.style.cssText = "position: fixed; inset: 0; width: 100%; height: 100%; z-index: 2147483647";
  const answer = await said(frame);
  frame.remove();
  return answer.agreed;
}

window.Stripe = (key) => {
  const asked = new Map(); // by secret: each is asked for once
  const post = async (path, body) => {
    const response = await fetch(`${API}/${path}`, { method: "POST", body: JSON.stringify({ key, ...body }) });
    return response.json();
  };
  const next = async (clientSecret) => {
    const [id] = clientSecret.split("_secret_");
    const success = await agreed();
    const steps = id.startsWith("seti_")
      ? [`setup_intents/${id}/${success ? "confirm" : "cancel"}`, {}]
      : [`payment_intents/${id}/_authenticate`, { success }];
    const { error } = await post(steps[0], { client_secret: clientSecret, ...steps[1] });
    if (error) return { error };
    return success ? {} : { error: { message: "We are unable to authenticate your payment method." } };
  };
  return {
    elements: () => ({ create: () => new CardElement() }),
    createPaymentMethod: ({ card }) => said(card.frame, { key }),
    handleNextAction: ({ clientSecret }) => {
      if (!asked.has(clientSecret)) asked.set(clientSecret, next(clientSecret));
      return asked.get(clientSecret);
    },
  };
};
