import { Provider } from "@urql/preact";
import { useCallback, useEffect, useMemo, useRef } from "preact/hooks";
import { clientFor } from "../data/client";
import { Live, useChanges } from "../data/live";
import { type Organization, OrganizationContext, useSession, type Viewer } from "../data/session";
import icon from "../icon.svg";
import { Gate } from "../parts/gate";
import { Icon } from "../parts/icon";
import { LanguageChoice } from "../parts/language-choice";
import { navigate } from "../router";
import { useWords } from "../words";
import { SignOut } from "./account/sign-out";
import { Missing, Section } from "./section";
import { type SectionName, sectionsFor } from "./sections";

interface Props {
  viewer: Viewer;
  slug: string;
  path: string[];
}

/** The frame of an organization's pages, for what the viewer may see there. */
export function Shell({ viewer, slug, path }: Props) {
  const organization = viewer.organizations.find((one) => one.slug === slug);
  if (!organization) return <NoAccess viewer={viewer} />;
  // With other permissions there is another schema: nothing that was asked before is asked again. Nor is anything that
  // was answered, typed or begun left to somebody else, who signed in beside it.
  const key = [viewer.id, slug, ...organization.viewerPermissions].join();
  return <Inside key={key} viewer={viewer} organization={organization} path={path} />;
}

function Inside({ viewer, organization, path }: { viewer: Viewer; organization: Organization; path: string[] }) {
  const words = useWords();
  const { refresh } = useSession();
  const client = useMemo(() => clientFor(organization.slug), [organization.slug]);
  const recheck = useCallback(() => void refresh(), [refresh]);
  const live = useChanges(organization.id, organization.slug, recheck);
  const sections = sectionsFor(organization.viewerPermissions);
  const [first = sections[0] ?? "", ...rest] = path;
  const section = sections.find((one) => one === first);
  // With one section there is nothing to choose from, so there is no menu.
  const menu = sections.length > 1;
  return (
    <OrganizationContext.Provider value={organization}>
      <Provider value={client}>
        <Live.Provider value={live}>
          <a class="skip" href="#main">
            {words.skip}
          </a>
          <Top viewer={viewer} organization={organization} />
          <div class={menu ? "frame" : "frame alone"}>
            {menu && <Menu slug={organization.slug} sections={sections} current={section} />}
            <main id="main">
              {section ? <Section key={path.join("/")} name={section} rest={rest} /> : <Missing />}
            </main>
          </div>
        </Live.Provider>
      </Provider>
    </OrganizationContext.Provider>
  );
}

function Top({ viewer, organization }: { viewer: Viewer; organization: Organization }) {
  const words = useWords();
  return (
    <header class="top">
      <a class="brand" href="/" aria-label={words.product}>
        <img src={icon} alt="" />
        <span>{words.product}</span>
      </a>
      <span class="slash" aria-hidden="true">
        /
      </span>
      <Switcher organizations={viewer.organizations} current={organization} />
      <span class="spring" />
      <div class="who">
        <span class="name muted">{viewer.name}</span>
        <LanguageChoice />
        <SignOut quiet />
      </div>
    </header>
  );
}

function Switcher({ organizations, current }: { organizations: Organization[]; current: Organization }) {
  const words = useWords();
  if (organizations.length === 1) return <span class="organization">{current.name}</span>;
  return (
    <select
      class="select"
      aria-label={words.switchTo}
      value={current.slug}
      onChange={(event) => navigate(`/o/${event.currentTarget.value}`)}
    >
      {organizations.map((one) => (
        <option value={one.slug} key={one.id}>
          {one.name}
        </option>
      ))}
    </select>
  );
}

function Menu({ slug, sections, current }: { slug: string; sections: SectionName[]; current: string | undefined }) {
  const words = useWords();
  const menu = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a narrow screen it is a row that scrolls, and the current one may be out of sight.
    const link = menu.current?.querySelector<HTMLElement>("[aria-current]");
    if (link) menu.current!.scrollLeft = link.offsetLeft - (menu.current!.clientWidth - link.offsetWidth) / 2;
  }, [current]);
  return (
    <nav class="sections" aria-label={words.menu} ref={menu}>
      <ul>
        {sections.map((one) => (
          <li key={one}>
            <a href={`/o/${slug}/${one}`} aria-current={one === current ? "page" : undefined}>
              <Icon name={icons[one]} />
              {words.sections[one]}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

const icons = {
  plans: "plans",
  members: "people",
  teams: "teams",
  projects: "projects",
  resources: "resources",
  activity: "activity",
  settings: "settings",
  keys: "keys",
} as const;

/** Whoever lost the role, or never had one: the same answer. */
function NoAccess({ viewer }: { viewer: Viewer }) {
  const words = useWords();
  return (
    <Gate title={words.noAccess} lead={words.noAccessMore}>
      <div class="form">
        {viewer.organizations.map((one) => (
          <a class="button wide" href={`/o/${one.slug}`} key={one.id}>
            {one.name}
          </a>
        ))}
        <SignOut />
      </div>
    </Gate>
  );
}
