/** `kybern version`: the versions of kybern, the API and Node. */

import { kubernetesVersion, kybernVersion } from '#base/version.ts';
import { defineCommand } from '../shared/command.ts';

export const version = defineCommand((program, context) => {
  const text = `kybern ${kybernVersion}, Kubernetes ${kubernetesVersion}, Node ${process.version}`;
  program.version(text, '--version', 'the same as the command version');
  program
    .command('version')
    .description('the version of kybern and of the API it serves')
    .action(() => context.print(text));
});
