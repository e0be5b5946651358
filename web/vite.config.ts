import { defineConfig } from "vite";

// One entry a page; purser/pages.py serves each under the name it has here.
const pages = {
  app: "index.html",
  graphiql: "graphiql/index.html",
};

export default defineConfig({
  build: {
    // The content security policy allows no inline scripts, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Monaco alone is larger than the default limit.
    chunkSizeWarningLimit: 5000,
    // The notices of what is bundled travel with it.
    license: { fileName: "licenses.md" },
    rolldownOptions: {
      input: pages,
      onLog(level, log, report) {
        // "use client" in GraphiQL's parts means nothing without a React server.
        if (log.code !== "MODULE_LEVEL_DIRECTIVE") report(level, log);
      },
    },
  },
  worker: { format: "es" },
  // `npm run dev` serves the pages beside a running server.
  server: { proxy: { "/graphql": "http://127.0.0.1:8000" } },
});
