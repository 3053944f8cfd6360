/** `kybern kubeconfig`: the admin's kubeconfig of a cluster on standard output. */

import { existsSync, readFileSync } from 'node:fs';
import { clusterPaths } from '#host/home/cluster-home.ts';
import { configOf, nameOption } from '../shared/cluster-option.ts';
import { defineCommand } from '../shared/command.ts';
import { Problem } from '../shared/problem.ts';

export const kubeconfig = defineCommand((program, context) => {
  program
    .command('kubeconfig')
    .description("print a cluster's kubeconfig")
    .addOption(nameOption())
    .action(({ name }: { name: string }) => {
      configOf(name);
      const { kubeconfig: path } = clusterPaths(name);
      if (!existsSync(path)) {
        throw new Problem(`cluster ${name} has no kubeconfig`, `start it: kybern up --name ${name}`);
      }
      context.print(readFileSync(path, 'utf8').trimEnd());
    });
});
