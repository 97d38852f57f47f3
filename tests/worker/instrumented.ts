/** The receiver of paperless-ngx, with what tests need to control and measure it. */

import { project } from "../../projects/paperless-ngx/project.ts";
import { createReceiver } from "../../worker/receiver.ts";
import { instrument, toTestWorker } from "./instrument.ts";

export const receiver = instrument(createReceiver(project));

export default toTestWorker(receiver);
