import type { CodegenConfig } from "@graphql-codegen/cli";

type Output = Exclude<CodegenConfig["generates"][string], readonly unknown[]>;

// What a billing manager asks and what others ask are generated apart, so that they are loaded apart.
const outputs = ["account", "billing", "work"];

const config: CodegenConfig = {
  schema: "../schema/schema.graphql",
  generates: Object.fromEntries(outputs.map((name) => [`generated/${name}/`, typed(`src/data/${name}/*.graphql`)])),
};

function typed(documents: string): Output {
  return {
    documents,
    preset: "client",
    presetConfig: { fragmentMasking: false },
    config: {
      strictScalars: true,
      scalars: {
        SafeInt: "number",
        MinorUnits: "number",
        CurrencyCode: "string",
        DateTime: "string",
        Date: "string",
        URL: "string",
      },
      enumType: "string-literal",
      enumsAsTypes: true,
      useTypeImports: true,
    },
  };
}

export default config;
