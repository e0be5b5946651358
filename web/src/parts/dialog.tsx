import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import type { Refusal } from "../data/change";
import { useWords } from "../words";
import { Button } from "./button";
import { Refusals } from "./form";

interface Props {
  title: string;
  wide?: boolean;
  onClose: () => void;
  children: ComponentChildren;
}

/** What asks for attention before anything else, unless it is told to stand `aside` for something of others; Escape closes it, and focus goes back to where it was. */
export function Dialog({ title, wide, onClose, children }: Props) {
  const words = useWords();
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    const shown = dialog.current;
    shown?.showModal();
    return () => {
      shown?.close(); // behind one that is open, nothing takes the focus
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={wide ? "dialog wide" : "dialog"}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      // A browser closes it without asking when Escape is pressed again and again.
      onClose={() => dialog.current && !("aside" in dialog.current.dataset) && onClose()}
    >
      <div>
        <header>
          <h2 id={id}>{title}</h2>
          <button type="button" class="close" aria-label={words.close} onClick={onClose}>
            ×
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}

interface ConfirmProps {
  title: string;
  more: string;
  action: string;
  calm?: boolean;
  dismiss?: string | undefined;
  busy: boolean;
  refusals: Refusal[];
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks once more before something ends. */
export function Confirm({ title, more, action, calm, dismiss, busy, refusals, onConfirm, onClose }: ConfirmProps) {
  const words = useWords();
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{more}</p>
      <Refusals refusals={refusals} />
      <div class="actions end">
        <Button onClick={onClose}>{dismiss ?? words.cancel}</Button>
        <Button kind={calm ? "primary" : "danger"} busy={busy} onClick={onConfirm}>
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
