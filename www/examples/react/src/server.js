import { fileURLToPath } from "node:url";
import { serve } from "../../page/src/server.js";

serve(fileURLToPath(new URL("../dist/", import.meta.url)));
