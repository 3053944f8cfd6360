/** `kybern kubeconfig`: the admin's kubeconfig of a cluster on standard output. */

import { existsSync, readFileSync } from 'node:fs';
import { clusterPaths } from '#host/cluster-home.ts';
import { defineCommand } from './command.ts';
import { Problem } from './problem.ts';

export const kubeconfig = defineCommand((program, context) => {
  program
    .command('kubeconfig')
    .description("print a cluster's kubeconfig")
    .option('--name <name>', 'name of the cluster', 'default')
    .action(({ name }: { name: string }) => {
      const { kubeconfig: path } = clusterPaths(name);
      if (!existsSync(path))
        throw new Problem(`cluster ${name} has no kubeconfig`, `start it: kybern up --name ${name}`);
      context.print(readFileSync(path, 'utf8').trimEnd());
    });
});
