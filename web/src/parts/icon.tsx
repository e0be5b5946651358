const paths = {
  plans: "M3 6.5h18v11H3zM3 10.5h18M6.5 14.5h4",
  people: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 20c.5-3.5 3-5.5 6.500-5.500s6 2 6.500 5.500M16 4.500a3.300 3.300 0 0 1 0 6M18 14.800c2 .700 3.200 2.500 3.500 5.200",
  teams: "M12 9.500a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM5.500 20.500a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM18.500 20.500a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM10.500 9.500 7 14.800M13.500 9.500l3.500 5.300",
  projects: "M3.500 6.500v12h17v-10h-9l-2-2zM3.500 6.500",
  resources: "m12 3 8.500 4.500v9L12 21l-8.500-4.500v-9zM3.800 7.700 12 12l8.200-4.300M12 12v9",
  activity: "M3 12h4l3-8 4 16 3-8h4",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 9.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5ZM9 19.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5Z",
  keys: "M8 16.500a4.500 4.500 0 1 0 0-9 4.500 4.500 0 0 0 0 9ZM12.500 12H21v3M17.500 12v2.500",
  card: "M3 6h18v12H3zM3 10h18",
  receipt: "M6 3.500h12v17l-3-2-3 2-3-2-3 2zM9 8.500h6M9 12.500h6",
  chart: "M4 20V4M4 20h16M8.500 16v-4M12.500 16V8M16.500 16v-6",
  mail: "M3.500 6h17v12.500h-17zM4 6.500l8 6.500 8-6.500",
  cloud: "M7 18.500a4.500 4.500 0 0 1-.500-9 6 6 0 0 1 11.500 1.500 3.800 3.800 0 0 1 0 7.500zM12 12v3M12 17.500v.100",
  search: "M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13ZM15.500 15.500 20.500 20.500",
  link: "M10 14a4 4 0 0 0 5.700 0l3-3a4 4 0 0 0-5.700-5.700l-1 1M14 10a4 4 0 0 0-5.700 0l-3 3a4 4 0 0 0 5.700 5.700l1-1M4 4l16 16",
  check: "M4 12.500 9.500 18 20 6.500",
} as const;

export type IconName = keyof typeof paths;

/** A drawing that adds nothing for who does not see it. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true" width="20" height="20">
      <path d={paths[name]} fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  );
}
