/** A code that the catalogue does not know yet, as words. */
export function spelt(code: string): string {
  const text = code.toLowerCase().replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Why a payment failed: as the catalogue says it, or the gateway's code as words. */
export function why(failureCode: string, said: Record<string, string>): string {
  return said[failureCode] ?? failureCode.replaceAll("_", " ");
}
