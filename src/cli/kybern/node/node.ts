/** `kybern node`: the nodes of a running cluster on this machine. */

import type { Command } from 'commander';
import { Option } from 'commander';
import { nameOption } from '../../shared/cluster-option.ts';
import { defineCommand } from '../../shared/command.ts';
import { outputOption } from '../../shared/output-option.ts';
import { addNode } from './add.ts';
import { readLabel, readTaint } from './label-options.ts';
import { listNodes } from './list.ts';
import { removeNode } from './remove.ts';

export const node = defineCommand((program, context) => {
  const group = program.command('node').description('add, remove and list the nodes of a running cluster');
  named(group, 'add [node]', 'start one more node on this machine, in a network namespace of its own')
    .addOption(
      new Option('--labels <labels>', 'labels of the node: disk=ssd,zone=a').argParser((text) =>
        Object.fromEntries(text.split(',').map(readLabel)),
      ),
    )
    .addOption(
      new Option('--taints <taints>', 'taints of the node: dedicated=db:NoSchedule').argParser((text) =>
        text.split(',').map(readTaint),
      ),
    )
    .action((nodeName, flags) =>
      addNode(context, { ...flags, ...(nodeName === undefined ? {} : { nodeName }) }),
    );
  named(group, 'remove <node>', 'stop a node and remove all it made').action((nodeName, { name }) =>
    removeNode(context, name, nodeName),
  );
  named(group, 'list', 'nodes, what they are and whether they are ready')
    .addOption(outputOption())
    .action(({ name, output }) => listNodes(context, name, output));
});

function named(group: Command, usage: string, description: string): Command {
  return group.command(usage).description(description).addOption(nameOption());
}
