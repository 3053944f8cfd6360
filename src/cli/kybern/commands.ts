/** The explicit list of kybern's commands, in the order that help shows them. */

import type { CliCommand } from '../shared/command.ts';
import { deleteCommand } from './delete.ts';
import { doctor } from './doctor/doctor.ts';
import { down } from './down.ts';
import { image } from './image/image.ts';
import { agent } from './join/agent.ts';
import { join } from './join/join.ts';
import { leave } from './join/leave.ts';
import { token } from './join/token.ts';
import { kubeconfig } from './kubeconfig.ts';
import { list } from './list.ts';
import { logs } from './logs.ts';
import { node } from './node/node.ts';
import { status } from './status.ts';
import { up } from './up/up.ts';
import { version } from './version.ts';

export const commands: readonly CliCommand[] = [
  up,
  down,
  deleteCommand,
  status,
  list,
  logs,
  kubeconfig,
  image,
  token,
  node,
  join,
  leave,
  doctor,
  agent,
  version,
];
