/** The Worker of paperless-ngx, with what tests need to control and measure it. */

import worker from "../../projects/paperless-ngx/worker.ts";
import { instrument } from "./instrument.ts";

export default instrument(worker);
