/** The Worker of OctoPrint, with what tests need to control and measure it. */

import worker from "../../../projects/octoprint/worker.ts";
import { instrument } from "../../worker/instrument.ts";

export default instrument(worker);
