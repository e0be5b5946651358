/** @jsxImportSource react */
import { DOC_EXPLORER_PLUGIN } from "@graphiql/plugin-doc-explorer";
import type { GraphiQLPlugin } from "@graphiql/react";
import { GraphiQL } from "graphiql";
import { exampleHeaders, exampleQuery } from "./examples";
import { fetcher } from "./fetcher";
import { SchemaOfHeaders } from "./schema-of-headers";

// GraphiQL's history writes each request's headers, and with them the key, to the browser's storage.
const pluginsWithoutHistory: GraphiQLPlugin[] = [];

export function Page() {
  return (
    <GraphiQL
      fetcher={fetcher}
      plugins={pluginsWithoutHistory}
      visiblePlugin={DOC_EXPLORER_PLUGIN}
      defaultQuery={exampleQuery}
      defaultHeaders={exampleHeaders}
      defaultEditorToolsVisibility="headers"
      shouldPersistHeaders={false}
      inputValueDeprecation
      schemaDescription
    >
      <GraphiQL.Logo>Purser</GraphiQL.Logo>
      <SchemaOfHeaders />
    </GraphiQL>
  );
}
