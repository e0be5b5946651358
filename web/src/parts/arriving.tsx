import icon from "../icon.svg";
import { useWords } from "../words";
import { Skeleton } from "./states";

/** Stands where a page will be, in the frame that it will have, until it is known who looks. */
export function Arriving({ inside }: { inside: boolean }) {
  return inside ? <PageToCome /> : <GateToCome />;
}

function PageToCome() {
  return (
    <>
      <header class="top">
        <Brand />
      </header>
      <main class="page">
        <div class="skeleton title" />
        <CardsToCome />
      </main>
    </>
  );
}

/** Cards of a page that is not there yet. */
export function CardsToCome() {
  return (
    <>
      {[4, 3, 5].map((lines) => (
        <div class="card" key={lines}>
          <Skeleton lines={lines} />
        </div>
      ))}
    </>
  );
}

export function GateToCome() {
  return (
    <div class="gate">
      <header>
        <Brand />
      </header>
      <main class="card">
        <Skeleton lines={4} />
      </main>
    </div>
  );
}

function Brand() {
  const words = useWords();
  return (
    <span class="brand">
      <img src={icon} alt="" />
      <span>{words.product}</span>
    </span>
  );
}
