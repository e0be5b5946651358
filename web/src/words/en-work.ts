/** The words of screens that a billing manager never sees. */
export const enWork = {};
