/** `kybern logs`: what a cluster's process wrote. */

import { createReadStream, existsSync, statSync, watchFile } from 'node:fs';
import { clusterPaths } from '#host/cluster-home.ts';
import { defineCommand } from './command.ts';
import { Problem } from './problem.ts';

const pollMs = 200;

export const logs = defineCommand((program) => {
  program
    .command('logs')
    .description("the log of a cluster's process")
    .option('--name <name>', 'name of the cluster', 'default')
    .option('-f, --follow', 'go on as it grows')
    .action(async ({ name, follow }: { name: string; follow?: boolean }) => {
      const { log } = clusterPaths(name);
      if (!existsSync(log))
        throw new Problem(`cluster ${name} has no log`, 'kybern list shows the clusters there are');
      let sent = await send(log, 0);
      if (!follow) return;
      watchFile(log, { interval: pollMs }, async () => {
        // A file that shrank was begun anew.
        sent = await send(log, statSync(log).size < sent ? 0 : sent);
      });
    });
});

function send(path: string, from: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const stream = createReadStream(path, { start: from });
    stream.on('error', reject);
    stream.on('end', () => resolve(from + stream.bytesRead));
    stream.pipe(process.stdout, { end: false });
  });
}
