/** `kybern version`: what this program is and which API it serves. */

import { kubernetesVersion, kybernVersion } from '#base/version.ts';
import { defineCommand } from './command.ts';

export const version = defineCommand((program, context) => {
  program
    .command('version')
    .description('the version of kybern and of the API it serves')
    .action(() =>
      context.print(`kybern ${kybernVersion}, Kubernetes ${kubernetesVersion}, Node ${process.version}`),
    );
});
