/** `kybern leave`: takes away all of the node by which this machine has joined a cluster; its Node is the cluster's to delete. */

import { defineCommand } from '../../shared/command.ts';
import { chosenNode } from './joined-machine.ts';
import { removeNode } from './remove-node.ts';

export const leave = defineCommand((program, context) => {
  program
    .command('leave')
    .description('take away all of the node of this machine: containers, networks, files')
    .option('--node-name <name>', 'where this machine has joined as several nodes')
    .action(async ({ nodeName }: { nodeName?: string }) => {
      const node = chosenNode(nodeName);
      const storageDir = await removeNode(node);
      context.print(
        `this machine is no longer node ${node}; the cluster forgets it by: kubectl delete node ${node}`,
      );
      if (storageDir !== undefined) context.print(`its volumes stay in ${storageDir}`);
    });
});
