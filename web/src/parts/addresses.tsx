import { useWords } from "../words";
import { Badge, type Tone } from "./badge";
import { Button } from "./button";
import { Labelled } from "./form";
import { Table } from "./table";

const most = 50;

/** The addresses in what was typed or pasted; of `Ann <ann@acme.test>` what stands between the angles. */
export function addresses(text: string): string[] {
  const angled = text.replace(
    /("[^"]*"\s*|[^<>,;\n"]*)<\s*([^<>\s]+)\s*>/g,
    (_, name: string, address: string) => ` ${others(name, address)} ${address} `,
  );
  return angled.split(/[\s,;]+/).filter(Boolean);
}

/** Addresses that only a space parts from the name. */
function others(name: string, address: string): string {
  if (name.startsWith('"')) return "";
  const words = name.split(/\s+/).filter((word) => word.includes("@"));
  return words.filter((word) => word.toLowerCase() !== address.toLowerCase()).join(" ");
}

export const tooMany = (emails: string[]) => emails.length > most;

interface Props {
  text: string;
  onText: (text: string) => void;
}

/** A field for one or more addresses, which counts them. */
export function Addresses({ text, onText }: Props) {
  const words = useWords();
  const emails = addresses(text);
  return (
    <Labelled
      label={words.invite.addresses}
      hint={emails.length ? words.invite.count(emails.length) : words.invite.hint}
      wrong={tooMany(emails) ? words.invite.tooMany : undefined}
    >
      {(ids) => (
        <textarea
          class="input"
          required
          spellcheck={false}
          autocomplete="off"
          value={text}
          onInput={(event) => onText(event.currentTarget.value)}
          {...ids}
        />
      )}
    </Labelled>
  );
}

interface OutcomesProps {
  title: string;
  outcomes: { email: string; tone: Tone; said: string }[];
  onAnother: () => void;
  onClose: () => void;
}

/** What became of each address. */
export function Outcomes({ title, outcomes, onAnother, onClose }: OutcomesProps) {
  const words = useWords();
  return (
    <>
      <div role="status">
        <Table label={title} columns={[{ label: words.managers.address }, { label: words.invite.outcome }]}>
          {outcomes.map(({ email, tone, said }, index) => (
            <tr key={index}>
              <td class="head">{email}</td>
              <td>
                <Badge tone={tone}>{said}</Badge>
              </td>
            </tr>
          ))}
        </Table>
      </div>
      <div class="actions end">
        <Button onClick={onAnother}>{words.invite.another}</Button>
        <Button kind="primary" onClick={onClose}>
          {words.invite.done}
        </Button>
      </div>
    </>
  );
}
