// Lets node import what esbuild bundles: templates and icons.
import { register } from "node:module";

register("./loader.mjs", import.meta.url);
