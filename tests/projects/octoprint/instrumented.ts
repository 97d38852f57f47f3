/** The receiver of OctoPrint, with what tests need to control and measure it. */

import { project } from "../../../projects/octoprint/project.ts";
import { createReceiver } from "../../../worker/receiver.ts";
import { instrument, toTestWorker } from "../../worker/instrument.ts";

export const receiver = instrument(createReceiver(project));

export default toTestWorker(receiver);
