import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/pages.css";
import { render } from "preact";
import { App } from "./app";
import { followLinks } from "./router";
import { spoken } from "./words";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
followLinks();
void spoken().then((language) => render(<App language={language} />, root));
