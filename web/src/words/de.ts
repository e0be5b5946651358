import type { Words } from "./index";
import { en } from "./en";
export const de: Words = { ...en };
