/** A code that the catalogue does not know yet, as words. */
export function spelt(code: string): string {
  const text = code.toLowerCase().replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
