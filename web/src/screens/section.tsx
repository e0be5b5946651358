import type { ComponentType } from "preact";
import { lazy, Suspense } from "preact/compat";
import { Page } from "../parts/page";
import { Empty, Skeleton } from "../parts/states";
import { useWords } from "../words";
import type { SectionName } from "./sections";

interface Props {
  rest: string[];
}

const screens: Record<SectionName, ComponentType<Props>> = {
  plans: lazy(() => import("./plans/page")),
  members: lazy(() => import("./work/members")),
  teams: lazy(() => import("./work/teams")),
  projects: lazy(() => import("./work/projects")),
  resources: lazy(() => import("./work/resources")),
  activity: lazy(() => import("./work/activity")),
  settings: lazy(() => import("./work/settings")),
  keys: lazy(() => import("./work/keys")),
};

/** One page, loaded when it is first opened. */
export function Section({ name, rest }: Props & { name: SectionName }) {
  const Screen = screens[name];
  if (rest.length > (name === "teams" ? 1 : 0)) return <Missing />;
  return (
    <Suspense fallback={<Loading />}>
      <Screen rest={rest} />
    </Suspense>
  );
}

function Loading() {
  return (
    <div class="page">
      <Skeleton />
    </div>
  );
}

/** An address that means nothing, or that the viewer may not see: the same answer. */
export function Missing() {
  const words = useWords();
  return (
    <Page title={words.notFound}>
      <div class="card">
        <Empty icon="search" more={words.notFoundMore}>
          <a class="button" href="/">
            {words.home}
          </a>
        </Empty>
      </div>
    </Page>
  );
}
