import { Gate } from "../parts/gate";
import { useWords } from "../words";

export function NotFound() {
  const words = useWords();
  return (
    <Gate title={words.notFound} lead={words.notFoundMore}>
      <a class="button wide" href="/">
        {words.home}
      </a>
    </Gate>
  );
}
