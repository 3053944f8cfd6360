/**
 * `kybern agent`: the process of one node, in the foreground. `kybern join` and `kybern up --nodes` make its folder and
 * start it; a service manager may do the same.
 */

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { defineCommand } from '../../shared/command.ts';
import { Problem } from '../../shared/problem.ts';

export const agent = defineCommand((program, context) => {
  program
    .command('agent', { hidden: true })
    .description('run the node of a folder in the foreground')
    .argument('<folder>')
    .action(async (folder: string) => {
      const dir = resolve(folder);
      if (!existsSync(join(dir, 'agent.json'))) {
        throw new Problem(`${dir} is not the folder of a node`, 'kybern join makes one');
      }
      await context.runAgent(dir);
    });
});
