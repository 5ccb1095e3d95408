// Where the page begins.
import { render } from "preact";
import "./shell/shared";
import { applyAppearance } from "./core/prefs";
import { App } from "./shell/app";

applyAppearance();
const root = document.getElementById("app");
if (root !== null) render(<App />, root);
