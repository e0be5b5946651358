import type { Permission } from "../data/session";

/** The pages of an organization in the order of the menu, and what each needs. */
const needs = {
  plans: "VIEW_PLAN",
  members: "VIEW_MEMBERS",
  teams: "VIEW_TEAMS",
  projects: "VIEW_PROJECTS",
  resources: "VIEW_RESOURCES",
  activity: "VIEW_ACTIVITIES",
  settings: "VIEW_SETTINGS",
  keys: "VIEW_MEMBERS",
} as const satisfies Record<string, Permission>;

export type SectionName = keyof typeof needs;

export function sectionsFor(permissions: Permission[]): SectionName[] {
  const names = Object.keys(needs) as SectionName[];
  return names.filter((name) => permissions.includes(needs[name]));
}
